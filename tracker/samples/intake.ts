import type { Sample } from "../../worker/protocol/index.ts";
import type { TrackerMetrics } from "../metrics.ts";
import type { SessionId, StreamId } from "../protocol/index.ts";
import type { Audience } from "./audience.ts";
import type { Batcher, Handover } from "./batcher.ts";
import { checkSample, type SampleVerdict } from "./check-sample.ts";

/** What became of one report. */
export type Intake = {
  readonly refused: readonly Extract<SampleVerdict, { kind: "refused" }>[];
  readonly seqs: readonly number[];
  /** Settles when the sink has answered for the samples `seqs`; `accepted` at once when there are none. Never rejects. */
  readonly handover: Promise<Handover>;
};

export type SampleIntake = (
  raw: readonly unknown[],
  from: { readonly stream: StreamId; readonly session: SessionId },
  audience: Audience,
) => Intake;

/** Checks each sample of a report on its own and hands the good ones to the batcher with what the tracker knows. */
export function createSampleIntake(deps: {
  readonly site: string;
  readonly clock: () => number;
  readonly batcher: Batcher;
  readonly metrics: TrackerMetrics;
}): SampleIntake {
  const { site, clock, batcher, metrics } = deps;
  return (raw, from, audience) => {
    const now = Math.floor(clock());
    const verdicts = raw.map((sample) => checkSample(sample, from, now));
    const refused = verdicts.filter((verdict) => verdict.kind === "refused");
    const fine: Sample[] = verdicts.flatMap((verdict) => (verdict.kind === "fine" ? [verdict.sample] : []));
    metrics.samples("refused", refused.length);
    return { refused, seqs: fine.map((sample) => sample.seq), handover: handOver(fine, now, audience) };
  };

  async function handOver(samples: readonly Sample[], receivedAt: number, audience: Audience): Promise<Handover> {
    if (samples.length === 0) return "accepted";
    const result = await batcher.add(samples.map((sample) => ({ site, receivedAt, ...audience, sample })));
    metrics.samples(result, samples.length);
    return result;
  }
}
