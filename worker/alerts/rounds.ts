import type { Logger } from "pino";
import type { AlertMetrics } from "./metrics.ts";
import { type AlertState, afterFailure, post, type Waiting } from "./outbox.ts";
import { type Figures, judge, type Thresholds } from "./rules.ts";
import type { Webhook } from "./webhook.ts";

/** Time between two rounds, in milliseconds. */
export const ROUND_MS = 15_000;

/** Where alerts are remembered between rounds, and by whom the next round is done. */
export type AlertMemory = {
  readonly load: () => Promise<AlertState>;
  readonly save: (state: AlertState) => Promise<void>;
};

export type RoundDeps = {
  readonly thresholds: Thresholds;
  /** What is seen of every site and stream now. */
  readonly look: (now: number) => Promise<readonly Figures[]>;
  readonly memory: AlertMemory;
  readonly webhook: Webhook;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Logger;
  readonly metrics: AlertMetrics;
};

/**
 * One round: judges, remembers, and tries what is due once. What is new is remembered before it is sent, so a process that dies
 * between the two sends it in its next round; a receiver may see a notice twice, with the same id.
 */
export async function alertRound(deps: RoundDeps): Promise<void> {
  const { memory, metrics } = deps;
  const now = deps.clock();
  const before = await memory.load();
  const { firing, notices } = judge(await deps.look(now), before.firing, deps.thresholds, now);
  const outbox = post(before.outbox, notices);
  metrics.firing(firing);
  if (notices.length > 0) await memory.save({ firing, outbox });
  if (!outbox.some((each) => each.notBefore <= now)) return;

  await memory.save({ firing, outbox: await deliver(outbox, now, deps) });
}

/** Tries what is due in its order, until one fails: the others have the same receiver. Returns what is left. */
async function deliver(outbox: readonly Waiting[], now: number, deps: RoundDeps): Promise<readonly Waiting[]> {
  const left: Waiting[] = [];
  let failed = false;
  for (const waiting of outbox) {
    const kept = failed || waiting.notBefore > now ? waiting : await attempt(waiting, deps);
    if (kept !== null && kept !== waiting) failed = true;
    if (kept !== null) left.push(kept);
  }
  return left;
}

async function attempt(waiting: Waiting, { webhook, log, metrics, clock }: RoundDeps): Promise<Waiting | null> {
  const { id, message } = waiting.notice;
  const delivery = await webhook(waiting.notice);
  const next = delivery.kind === "failed" ? afterFailure(waiting, clock()) : null;
  if (delivery.kind === "delivered") {
    metrics.delivery("delivered");
    return null;
  }
  metrics.delivery(next === null ? "lost" : "retried");
  const text = next === null ? "an alert could not be delivered and is given up" : "an alert was not delivered yet";
  log[next === null ? "error" : "warn"](
    { alert: id, message, reason: delivery.reason, tries: waiting.tries + 1 },
    text,
  );
  return next;
}
