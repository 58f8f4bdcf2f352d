import type { Logger } from "pino";
import * as v from "valibot";
import { BATCH_SAMPLES, ReceivedSampleSchema } from "../protocol/index.ts";
import { checkSample, minuteOf, type Refusal, sampleMinute } from "../reports/index.ts";
import type { PlacedSample, ReportStore } from "../store/port.ts";
import { SESSION_MEMORY_MS } from "../store/sessions.ts";
import type { WorkerMetrics } from "./metrics.ts";

export type FoldDeps = {
  readonly store: ReportStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Logger;
  readonly metrics: WorkerMetrics;
  /** Minutes for which the store keeps buckets. */
  readonly retentionMinutes: number;
};

/** What became of a batch: every sample is in exactly one of the three. `index` is its place in the batch. */
export type FoldResult = {
  readonly folded: number;
  readonly duplicates: number;
  readonly refused: readonly { readonly index: number; readonly reason: Refusal }[];
};

/** The payload as a whole is no batch: to try it again cannot help. */
export class BatchRefused extends Error {
  override readonly name = "BatchRefused";
  readonly code = "malformedBatch";
}

/**
 * `SampleBatchSchema` with the samples left unread: each is judged on its own, so that one bad one does not lose the
 * others.
 */
const EnvelopeSchema = v.strictObject({
  samples: v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(BATCH_SAMPLES)),
});

/**
 * The `samples` job: counts a batch. Safe to run again after any failure, half-way or complete: what was counted is
 * remembered sample by sample (for `SESSION_MEMORY_MS`). Rejects with `BatchRefused` when the payload is no batch, or
 * with the store's own error.
 */
export const foldSamples = async (payload: unknown, deps: FoldDeps): Promise<FoldResult> => {
  const started = performance.now();
  const done = (outcome: "taken" | "refused" | "failed") =>
    deps.metrics.batch(outcome, (performance.now() - started) / 1000);

  const envelope = v.safeParse(EnvelopeSchema, payload);
  if (!envelope.success) {
    done("refused");
    throw new BatchRefused(`Not a batch of 1-${BATCH_SAMPLES} samples: ${v.summarize(envelope.issues)}`);
  }
  try {
    const result = await foldEach(envelope.output.samples, deps);
    done("taken");
    if (result.refused.length > 0) deps.log.warn({ refused: countByReason(result) }, "samples refused");
    return result;
  } catch (error) {
    done("failed");
    throw error;
  }
};

const foldEach = async (samples: readonly unknown[], deps: FoldDeps): Promise<FoldResult> => {
  let folded = 0;
  let duplicates = 0;
  const refused: { index: number; reason: Refusal }[] = [];

  for (const [index, input] of samples.entries()) {
    const judged = judge(input, deps.clock(), deps.retentionMinutes);
    if (judged.kind === "refused") {
      deps.metrics.refused(judged.reason);
      refused.push({ index, reason: judged.reason });
    } else if ((await deps.store.fold(judged.placed)) === "folded") {
      deps.metrics.folded(judged.placed.sample);
      folded += 1;
    } else {
      deps.metrics.duplicate();
      duplicates += 1;
    }
  }
  return { folded, duplicates, refused };
};

type Judged = { kind: "refused"; reason: Refusal } | { kind: "placed"; placed: PlacedSample };

const judge = (input: unknown, now: number, retentionMinutes: number): Judged => {
  const parsed = v.safeParse(ReceivedSampleSchema, input);
  if (!parsed.success) return { kind: "refused", reason: "malformed" };
  const { site, sample } = parsed.output;
  const reason = checkSample(sample);
  if (reason !== null) return { kind: "refused", reason };

  // A tracker on another machine may be a little ahead of this one.
  const receivedAt = Math.min(parsed.output.receivedAt, now);
  const minute = sampleMinute(sample.at, receivedAt);
  if (receivedAt <= now - SESSION_MEMORY_MS || minute <= minuteOf(now) - retentionMinutes) {
    return { kind: "refused", reason: "tooOld" };
  }
  return { kind: "placed", placed: { site, minute, sample } };
};

const countByReason = ({ refused }: FoldResult): Partial<Record<Refusal, number>> => {
  const counts: Partial<Record<Refusal, number>> = {};
  for (const { reason } of refused) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
};
