/** Everything that asks ffmpeg for something. ffmpeg is needed to make the sample, never to run Shoal. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FRAME_COUNT, FRAME_RATE, HEIGHT, SEGMENT_SECONDS, WIDTH } from "./film.ts";

const FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";
const AUDIO_BITS = 64_000;

/** One rendition to make. Rates are video alone, in bits per second. */
export type RenditionPlan = {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly profile: "high" | "main";
  readonly level: string;
  readonly videoRate: number;
  readonly videoPeak: number;
  /** Blur before encoding, as the standard deviation in pixels. */
  readonly softness: number;
  /** Height of the timecode's letters, pixels. */
  readonly letters: number;
};

/** A program that ended badly: what it was and what it said. */
export class ProgramFailed extends Error {
  override readonly name = "ProgramFailed";
}

/** Runs a program to its end and returns what it wrote. `feed` writes to its input. Throws {@link ProgramFailed}. */
export async function run(
  program: "ffmpeg" | "ffprobe",
  args: readonly string[],
  feed?: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<Buffer> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const output: Buffer[] = [];
  let complaint = "";
  child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => {
    complaint = (complaint + bytes.toString()).slice(-4000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (error) => {
      reject(new ProgramFailed(`${program} could not be started (${error.message}). Install ffmpeg and try again.`));
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new ProgramFailed(`${program} ended with ${code}: ${complaint}`));
    });
    // A program that dies early closes its input; the reason comes with its exit code.
    child.stdin.once("error", () => child.stdin.destroy());
  });
  const fed = (async () => {
    await feed?.(async (bytes) => {
      if (!child.stdin.write(bytes)) await once(child.stdin, "drain");
    });
    child.stdin.end();
  })();
  await Promise.race([ended, fed.then(() => ended)]);
  return Buffer.concat(output);
}

/** Pipes painted frames into a lossless file, so that both renditions and both passes see the same picture. */
export async function storeFrames(paint: (frame: number) => Uint8Array, file: string): Promise<void> {
  const args = [
    ...["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${WIDTH}x${HEIGHT}`, "-r", `${FRAME_RATE}`],
    ...[
      "-i",
      "-",
      "-vf",
      "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p",
    ],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-threads", "1", file],
  ];
  await run("ffmpeg", args, async (write) => {
    for (let frame = 0; frame < FRAME_COUNT; frame += 1) {
      await write(paint(frame));
      if (frame % (FRAME_RATE * SEGMENT_SECONDS) === 0) console.log(`painted ${frame} of ${FRAME_COUNT} frames`);
    }
  });
}

/**
 * Encodes one rendition in two passes and cuts it into `00.mpegts`, `01.mpegts` … in `folder`. `scratch` is a folder for what
 * is thrown away. Returns the playlist ffmpeg wrote, which holds the exact durations.
 */
export async function encode(
  plan: RenditionPlan,
  frames: string,
  sound: string,
  folder: string,
  scratch: string,
): Promise<string> {
  const playlist = join(scratch, `${plan.name}.m3u8`);
  const timecode = join(scratch, "timecode.txt");
  await writeFile(timecode, timecodeText());
  const gop = FRAME_RATE * SEGMENT_SECONDS;
  const margin = plan.letters;
  const filter = [
    `scale=${plan.width}:${plan.height}:flags=bicubic`,
    // Slightly soft edges cost far fewer bits, and look better than sharp ones with coding noise around them.
    `gblur=sigma=${plan.softness}`,
    // More bits for the timecode: its letters change all the time, and must stay legible.
    `addroi=x=0:y=ih-${4 * margin}:w=${9 * margin}:h=${4 * margin}:qoffset=-0.25`,
    `drawtext=fontfile=${FONT}:textfile=${timecode}:fontsize=${plan.letters}:fontcolor=white@0.82` +
      `:shadowcolor=black@0.5:shadowx=1:shadowy=1:x=${margin}:y=h-th-${margin}`,
  ].join(",");
  const video = [
    ...["-c:v", "libx264", "-preset", "slower", "-profile:v", plan.profile, "-level", plan.level],
    ...["-pix_fmt", "yuv420p", "-vf", filter, "-g", `${gop}`, "-keyint_min", `${gop}`, "-sc_threshold", "0"],
    ...["-flags", "+cgop", "-b:v", `${plan.videoRate}`, "-maxrate", `${plan.videoPeak}`],
    ...["-bufsize", `${plan.videoPeak}`, "-rc_init_occupancy", `${plan.videoPeak / 2}`, "-threads", "2"],
    ...["-tune", "animation", "-psy-rd", "0:0", "-aq-mode", "3", "-aq-strength", "0.6", "-refs", "4"],
    ...["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"],
    ...["-passlogfile", join(scratch, plan.name)],
  ];
  await run("ffmpeg", ["-v", "error", "-y", "-i", frames, "-an", ...video, "-pass", "1", "-f", "null", "-"]);
  await run("ffmpeg", [
    ...["-v", "error", "-y", "-i", frames, "-i", sound, "-map", "0:v", "-map", "1:a", ...video, "-pass", "2"],
    ...["-c:a", "aac", "-profile:a", "aac_low", "-b:a", `${AUDIO_BITS}`, "-ar", "48000", "-ac", "2"],
    ...["-muxdelay", "0", "-muxpreload", "0", "-f", "hls", "-hls_time", `${SEGMENT_SECONDS}`, "-hls_list_size", "0"],
    ...["-hls_playlist_type", "vod", "-hls_segment_filename", join(folder, "%02d.mpegts"), playlist],
  ]);
  return playlist;
}

/** Minutes, seconds and tenths for drawtext, counted from the frame number so that they are exact. */
function timecodeText(): string {
  const part = (formula: string): string => `%{eif:${formula.replaceAll(",", "\\,")}:d:2}`;
  const perMinute = FRAME_RATE * 60;
  const clock = `${part(`floor(n/${perMinute})`)}\\:${part(`mod(floor(n/${FRAME_RATE}),60)`)}`;
  return `${clock}.%{eif:floor(mod(n\\,${FRAME_RATE})*10/${FRAME_RATE}):d}`;
}
