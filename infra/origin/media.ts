import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";

/** One segment of the sample stream, held in memory: the whole stream is a few megabytes. */
export type SampleSegment = {
  readonly body: Buffer;
  /** Strong entity tag (RFC 9110 section 8.8.3): a hash of the bytes, quotes included. */
  readonly etag: string;
  readonly seconds: number;
};

/** One rendition of the sample stream; the numbers are those of its EXT-X-STREAM-INF line. */
export type SampleRendition = {
  readonly name: string;
  /** Peak, in bits per second. */
  readonly bandwidth: number;
  /** In bits per second. */
  readonly averageBandwidth: number;
  readonly width: number;
  readonly height: number;
  /** Frames per second. */
  readonly frameRate: number;
  readonly codecs: string;
  readonly segments: readonly SampleSegment[];
};

/** The sample stream. All renditions are cut at the same places. */
export type SampleMedia = {
  /** Mean length of a segment, in seconds; none differs by more than a few frames. */
  readonly segmentSeconds: number;
  /** Segments in each rendition. */
  readonly segmentCount: number;
  /** At least one; the first is what a player starts with. */
  readonly renditions: readonly SampleRendition[];
};

const positive = v.pipe(v.number(), v.gtValue(0));
const SampleFileSchema = v.object({
  renditions: v.pipe(
    v.array(
      v.object({
        name: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
        bandwidth: positive,
        averageBandwidth: positive,
        width: positive,
        height: positive,
        frameRate: positive,
        codecs: v.string(),
        segments: v.pipe(v.array(v.object({ file: v.string(), bytes: positive, seconds: positive })), v.minLength(1)),
      }),
    ),
    v.minLength(1),
  ),
});

/** A segment may be this much longer or shorter than the mean: the live clock counts in segments. */
const SLACK_SECONDS = 0.1;

/**
 * Reads `sample.json` and the segments it names.
 * @throws Error that names the file when something is missing, has another size than promised, or does not line up.
 */
export async function loadSample(folder: string): Promise<SampleMedia> {
  const file = join(folder, "sample.json");
  const parsed = v.safeParse(SampleFileSchema, JSON.parse(await readFile(file, "utf8")));
  if (!parsed.success)
    throw new Error(`${file} is not a description of a sample stream: ${v.summarize(parsed.issues)}`);
  const { renditions } = parsed.output;
  const lengths = renditions[0]?.segments.map((segment) => segment.seconds) ?? [];
  const segmentCount = lengths.length;
  const segmentSeconds = lengths.reduce((sum, seconds) => sum + seconds, 0) / segmentCount;
  for (const { name, segments } of renditions) {
    const crooked = segments.some((segment) => Math.abs(segment.seconds - segmentSeconds) > SLACK_SECONDS);
    if (crooked || segments.length !== segmentCount) {
      throw new Error(`${file}: rendition "${name}" does not have ${segmentCount} segments of ${segmentSeconds} s`);
    }
  }
  return {
    segmentSeconds,
    segmentCount,
    renditions: await Promise.all(
      renditions.map(async (rendition) => ({
        ...rendition,
        segments: await Promise.all(
          rendition.segments.map((segment) => loadSegment(join(folder, segment.file), segment.bytes, segment.seconds)),
        ),
      })),
    ),
  };
}

async function loadSegment(file: string, bytes: number, seconds: number): Promise<SampleSegment> {
  const body = await readFile(file);
  if (body.length !== bytes) throw new Error(`${file} has ${body.length} bytes, but sample.json says ${bytes}`);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { body, etag, seconds };
}
