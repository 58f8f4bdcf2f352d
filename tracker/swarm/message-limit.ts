import { type Bucket, type BucketLimit, takeTokens } from "./token-bucket.ts";

/**
 * What to do with one more message: handle it; refuse it and say so (the first of a row); refuse it in silence, so that a
 * flood is not answered with a flood; or give the viewer up.
 */
export type MessageVerdict = "handle" | "refuse" | "ignore" | "close";

/** Messages left, and those refused in a row. One object, since every socket has its own. */
export type MessageLimit = Bucket & { excess: number };

export const createMessageLimit = (limit: BucketLimit, now: number): MessageLimit => ({
  tokens: limit.burst,
  at: now,
  excess: 0,
});

/**
 * Counts one message. `close` comes once a whole burst was refused; the count starts anew when the viewer has been quiet for
 * long enough that half of its burst is back.
 */
export function countMessage(state: MessageLimit, limit: BucketLimit, now: number): MessageVerdict {
  const handled = takeTokens(state, limit, now) === 1;
  if (state.tokens >= limit.burst / 2) state.excess = 0;
  if (handled) return "handle";
  state.excess += 1;
  if (state.excess >= limit.burst) return "close";
  return state.excess === 1 ? "refuse" : "ignore";
}
