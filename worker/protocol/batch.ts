import * as v from "valibot";
import { SampleSchema } from "./sample.ts";

/** Samples in one batch; the tracker cuts a new one when this many wait. */
export const BATCH_SAMPLES = 256;

/** What a browser says it is, as far as reports tell them apart. */
export const DEVICES = ["phone", "tablet", "desktop", "tv", "other"] as const;
export type Device = (typeof DEVICES)[number];
export const BROWSERS = ["chrome", "edge", "firefox", "safari", "other"] as const;
export type Browser = (typeof BROWSERS)[number];

/** Country of an address that no database knows; ISO 3166 leaves `ZZ` to its users. */
export const UNKNOWN_COUNTRY = "ZZ";
/** Network of an address that no database knows. */
export const UNKNOWN_NETWORK = "unknown";

/** What the tracker adds to a sample: facts that the viewer could not be trusted to tell. */
export const ReceivedSampleSchema = v.strictObject({
  site: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  /** The tracker's clock when the sample came in, in milliseconds since 1970. */
  receivedAt: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** ISO 3166 code of the viewer's address, or `ZZ`. */
  country: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/)),
  /** Number of the autonomous system of the viewer's address, or `unknown`. */
  network: v.pipe(v.string(), v.regex(/^(\d{1,10}|unknown)$/)),
  /** Both by the `User-Agent` of the request that brought the sample. */
  device: v.picklist(DEVICES),
  browser: v.picklist(BROWSERS),
  /**
   * Who it was, for counting different viewers: 128 bits that the tracker makes of the name that a viewer keeps for its visits to a site.
   * They say neither that name nor anything that another site could compare. Left out for a viewer that keeps none, who counts by session.
   */
  viewer: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/))),
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
