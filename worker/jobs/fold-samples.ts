import type { Logger } from "pino";
import * as v from "valibot";
import { BATCH_SAMPLES, type ReceivedSample, ReceivedSampleSchema } from "../protocol/index.ts";
import { checkSample, type PlacedSample, type Refusal, sampleTime } from "../reports/index.ts";
import type { ReportStore } from "../store/port.ts";
import { SESSION_MEMORY_MS } from "../store/sessions.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { quickCheck } from "./quick-check.ts";

export type FoldDeps = {
  readonly store: ReportStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Logger;
  readonly metrics: WorkerMetrics;
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
  const placed: PlacedSample[] = [];
  const refused: { index: number; reason: Refusal }[] = [];
  for (const [index, input] of samples.entries()) {
    const judged = judge(input, deps.clock());
    if (judged.kind === "placed") placed.push(judged.placed);
    else refused.push({ index, reason: judged.reason });
  }
  const outcomes = placed.length === 0 ? [] : await deps.store.fold(placed);

  // Counted once it has happened: a batch that failed comes again.
  for (const { reason } of refused) deps.metrics.refused(reason);
  const folded = placed.filter((_, index) => outcomes[index] === "folded").map(({ sample }) => sample);
  const duplicates = placed.length - folded.length;
  deps.metrics.folded(folded);
  deps.metrics.duplicates(duplicates);
  return { folded: folded.length, duplicates, refused };
};

type Judged = { kind: "refused"; reason: Refusal } | { kind: "placed"; placed: PlacedSample };

const judge = (input: unknown, now: number): Judged => {
  const received = read(input);
  if (received === null) return { kind: "refused", reason: "malformed" };
  const { site, country, network, device, browser, viewer, sample } = received;
  const reason = checkSample(sample);
  if (reason !== null) return { kind: "refused", reason };

  // A tracker on another machine may be a little ahead of this one.
  const receivedAt = Math.min(received.receivedAt, now);
  if (receivedAt <= now - SESSION_MEMORY_MS) return { kind: "refused", reason: "tooOld" };
  const at = sampleTime(sample.at, receivedAt);
  const placed = { site, country, network, device, browser, sample, at };
  return { kind: "placed", placed: viewer === undefined ? placed : { ...placed, viewer } };
};

const looksRight = quickCheck(ReceivedSampleSchema);

/** Null when it is no sample at all. */
const read = (input: unknown): ReceivedSample | null => {
  if (looksRight(input)) return input as ReceivedSample;
  const parsed = v.safeParse(ReceivedSampleSchema, input);
  return parsed.success ? parsed.output : null;
};

const countByReason = ({ refused }: FoldResult): Partial<Record<Refusal, number>> => {
  const counts: Partial<Record<Refusal, number>> = {};
  for (const { reason } of refused) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
};
