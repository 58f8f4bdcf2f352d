/**
 * Makes Shoal's sample stream: a minute of fish in deep water, painted and composed by the code in this folder.
 *
 *     node --import tsx infra/media/make-sample.ts
 *
 * Needs ffmpeg (with libx264) and the font DejaVu Sans Mono (Debian: ffmpeg, fonts-dejavu-core), and about a quarter of
 * an hour. Writes `sample/high/*.mpegts`, `sample/low/*.mpegts` and `sample/sample.json` beside this file. Only needed to make
 * the film again: the result is in the repository, and Shoal itself never calls ffmpeg.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeRendition, type SampleDescription, type SampleRendition } from "./describe.ts";
import { encode, type RenditionPlan, storeFrames } from "./encode.ts";
import { prepareFilm } from "./paint.ts";
import { soundTrack } from "./sound.ts";

const SAMPLE = fileURLToPath(new URL("./sample/", import.meta.url));
/** The sample is kept in the repository, so it has to stay small. Bytes of all segments together. */
const MAX_SAMPLE_BYTES = 9_500_000;

const RENDITIONS: readonly RenditionPlan[] = [
  {
    name: "high",
    width: 1280,
    height: 720,
    profile: "high",
    level: "3.1",
    videoRate: 748_000,
    videoPeak: 790_000,
    softness: 0.65,
    letters: 24,
  },
  {
    name: "low",
    width: 640,
    height: 360,
    profile: "main",
    level: "3.0",
    videoRate: 188_000,
    videoPeak: 200_000,
    softness: 0.4,
    letters: 15,
  },
];

async function makeSample(scratch: string): Promise<SampleDescription> {
  const frames = join(scratch, "frames.mkv");
  const sound = join(scratch, "sound.wav");
  await writeFile(sound, soundTrack());
  await storeFrames(prepareFilm(), frames);
  await rm(SAMPLE, { recursive: true, force: true });

  const renditions: SampleRendition[] = [];
  for (const plan of RENDITIONS) {
    console.log(`encoding ${plan.name}`);
    const folder = join(SAMPLE, plan.name);
    await mkdir(folder, { recursive: true });
    const playlist = await encode(plan, frames, sound, folder, scratch);
    renditions.push(await describeRendition(plan, SAMPLE, playlist));
  }
  return { segmentSeconds: sharedDurations(renditions), renditions };
}

/** The segment durations that all renditions have in common; throws if they were cut at different times. */
function sharedDurations(renditions: readonly SampleRendition[]): readonly number[] {
  const [first = [], ...others] = renditions.map(({ segments }) => segments.map(({ seconds }) => seconds));
  for (const other of others) {
    if (other.join() !== first.join()) throw new Error(`Renditions differ in their cuts: ${first} and ${other}`);
  }
  return first;
}

const scratch = await mkdtemp(join(tmpdir(), "shoal-sample-"));
try {
  const sample = await makeSample(scratch);
  const bytes = sample.renditions.flatMap(({ segments }) => segments).reduce((sum, segment) => sum + segment.bytes, 0);
  if (bytes > MAX_SAMPLE_BYTES) throw new Error(`The sample has ${bytes} bytes, more than ${MAX_SAMPLE_BYTES}`);
  await writeFile(join(SAMPLE, "sample.json"), `${JSON.stringify(sample, null, 2)}\n`);
  console.log(`made ${bytes} bytes of media`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
