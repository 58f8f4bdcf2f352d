import { type Bucket, type BucketLimit, fullBucket, takeTokens } from "./token-bucket.ts";

/**
 * What to do with one more message: handle it; refuse it and say so (the first of a row); refuse it in silence, so that a
 * flood is not answered with a flood; or give the viewer up.
 */
export type MessageVerdict = "handle" | "refuse" | "ignore" | "close";

export type MessageLimit = { readonly bucket: Bucket; excess: number };

export const createMessageLimit = (limit: BucketLimit, now: number): MessageLimit => ({
  bucket: fullBucket(limit, now),
  excess: 0,
});

/**
 * Counts one message. `close` comes once a whole burst was refused; the count starts anew when the viewer has been quiet for
 * long enough that half of its burst is back.
 */
export function countMessage(state: MessageLimit, limit: BucketLimit, now: number): MessageVerdict {
  const handled = takeTokens(state.bucket, limit, now) === 1;
  if (state.bucket.tokens >= limit.burst / 2) state.excess = 0;
  if (handled) return "handle";
  state.excess += 1;
  if (state.excess >= limit.burst) return "close";
  return state.excess === 1 ? "refuse" : "ignore";
}
