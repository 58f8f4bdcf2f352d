import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { SampleBatch } from "../protocol/index.ts";

const pack = promisify(deflateRaw);
const unpack = promisify(inflateRaw);

/** Samples repeat each other's field names, so the quickest level leaves about a seventh of them. */
const LEVEL = 1;

/**
 * Name of a batch, from the names of its samples: handed over twice, it is one job for as long as it is in the queue. The sums
 * do not depend on that; it only saves work.
 */
export function batchId({ samples }: SampleBatch): string {
  const hash = createHash("sha256");
  for (const { site, sample } of samples) hash.update(JSON.stringify([site, sample.session, sample.seq]));
  return hash.digest("base64url").slice(0, 22);
}

/** What a job carries. Packed, a long backlog fits into memory. */
export type Payload = { readonly packed: string };

export async function packBatch(batch: SampleBatch): Promise<Payload> {
  return { packed: (await pack(JSON.stringify(batch), { level: LEVEL })).toString("base64") };
}

/**
 * The batch again, unchecked. Rejects when it was none, or has more than `maxBytes`: a job that nobody can ever read.
 */
export async function unpackBatch(data: unknown, maxBytes: number): Promise<unknown> {
  const packed: unknown = typeof data === "object" && data !== null && "packed" in data ? data.packed : undefined;
  if (typeof packed !== "string") throw new TypeError("the job carries no packed batch");
  return JSON.parse((await unpack(Buffer.from(packed, "base64"), { maxOutputLength: maxBytes })).toString());
}
