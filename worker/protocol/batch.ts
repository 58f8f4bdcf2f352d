import * as v from "valibot";
import { SampleSchema } from "./sample.ts";

/** Samples in one batch; the tracker cuts a new one when this many wait. */
export const BATCH_SAMPLES = 256;

/** What the tracker adds to a sample: facts that the viewer could not be trusted to tell. */
export const ReceivedSampleSchema = v.strictObject({
  site: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  /** The tracker's clock when the sample came in, in milliseconds since 1970. */
  receivedAt: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sample: SampleSchema,
});
export type ReceivedSample = v.InferOutput<typeof ReceivedSampleSchema>;

/** The payload of one `samples` job. */
export const SampleBatchSchema = v.strictObject({
  samples: v.pipe(v.array(ReceivedSampleSchema), v.minLength(1), v.maxLength(BATCH_SAMPLES)),
});
export type SampleBatch = v.InferOutput<typeof SampleBatchSchema>;

/** Where the tracker leaves batches: the in-process worker, or a queue. Rejects when the batch was not taken. */
export type SampleSink = { readonly accept: (batch: SampleBatch) => Promise<void> };
