import * as v from "valibot";
import { type Sample, SampleInputSchema } from "../../worker/protocol/index.ts";
import type { SessionId, StreamId } from "../protocol/index.ts";

/** A viewer's clock may be off by this much, in milliseconds; beyond, the sample belongs to no day that can be named. */
export const CLOCK_SKEW_MS = 24 * 60 * 60 * 1000;

/** `seq` is there when it could be read: a refused sample is answered for, so that it is not sent for ever. */
export type SampleVerdict =
  | { readonly kind: "fine"; readonly sample: Sample }
  | { readonly kind: "refused"; readonly seq: number | undefined; readonly message: string };

/** Checks one sample against its schema, and that it is of the session it came from. */
export function checkSample(
  raw: unknown,
  from: { readonly stream: StreamId; readonly session: SessionId },
  now: number,
): SampleVerdict {
  const seq = readSeq(raw);
  const refuse = (why: string): SampleVerdict => ({ kind: "refused", seq, message: `sample ${seq ?? "?"}: ${why}` });
  const parsed = v.safeParse(SampleInputSchema, raw, { abortEarly: true });
  if (!parsed.success) return refuse(describeIssue(parsed.issues[0]));
  const sample = parsed.output;
  if (sample.stream !== from.stream) return refuse("stream is not the one that was joined");
  if (sample.session !== from.session) return refuse("session is not the one that was joined");
  if (Math.abs(sample.at - now) > CLOCK_SKEW_MS) return refuse("at is more than a day from the tracker's clock");
  return { kind: "fine", sample };
}

/** One issue of a schema as text: the field's path, and what is wrong with it. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path ? `${path}: ${issue.message}` : issue.message;
}

const SeqSchema = v.object({ seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

function readSeq(raw: unknown): number | undefined {
  const parsed = v.safeParse(SeqSchema, raw);
  return parsed.success ? parsed.output.seq : undefined;
}
