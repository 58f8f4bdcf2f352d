/** Writes down what was made: sizes, durations, rates and codecs, all read back from the files themselves. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type RenditionPlan, run } from "./encode.ts";

/** One media segment on disk. */
export type SampleSegment = { readonly file: string; readonly bytes: number; readonly seconds: number };

/** One rendition. Rates in bits per second, as RFC 8216 section 4.3.4.2 defines them. */
export type SampleRendition = {
  readonly name: string;
  /** The highest rate of any segment. */
  readonly bandwidth: number;
  readonly averageBandwidth: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** RFC 6381 codec names. */
  readonly codecs: string;
  readonly segments: readonly SampleSegment[];
};

/** The content of `sample.json`. Files are named relative to it. */
export type SampleDescription = {
  /** Length of each segment in seconds; the same for every rendition. */
  readonly segmentSeconds: readonly number[];
  readonly renditions: readonly SampleRendition[];
};

/** Describes a rendition from its segments below `root` and the playlist ffmpeg wrote. */
export async function describeRendition(plan: RenditionPlan, root: string, playlist: string): Promise<SampleRendition> {
  const segments = await Promise.all(
    readPlaylist(await readFile(playlist, "utf8")).map(async ({ name, seconds }): Promise<SampleSegment> => {
      const file = `${plan.name}/${name}`;
      return { file, bytes: (await stat(join(root, file))).size, seconds };
    }),
  );
  const [first] = segments;
  if (first === undefined) throw new Error(`${playlist} lists no segments`);
  const rates = segments.map(({ bytes, seconds }) => (bytes * 8) / seconds);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
  return {
    name: plan.name,
    bandwidth: Math.ceil(Math.max(...rates)),
    averageBandwidth: Math.ceil((bytes * 8) / seconds),
    ...(await readStreams(join(root, first.file))),
    segments,
  };
}

/** The segments of a media playlist with their durations. */
function readPlaylist(text: string): { name: string; seconds: number }[] {
  return [...text.matchAll(/#EXTINF:([\d.]+),[^\n]*\n([^#\n]+)/g)].map(([, seconds = "", path = ""]) => ({
    name: path.slice(path.lastIndexOf("/") + 1),
    seconds: Math.round(Number(seconds) * 1000) / 1000,
  }));
}

async function readStreams(
  file: string,
): Promise<Omit<SampleRendition, "name" | "bandwidth" | "averageBandwidth" | "segments">> {
  const probe = async (stream: string, fields: string): Promise<Map<string, string>> => {
    const args = [
      "-v",
      "error",
      "-select_streams",
      stream,
      "-show_entries",
      `stream=${fields}`,
      "-of",
      "default=nw=1",
      file,
    ];
    const lines = (await run("ffprobe", args)).toString().trim().split("\n");
    return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  };
  const video = await probe("v:0", "width,height,r_frame_rate");
  const audio = await probe("a:0", "codec_name,profile");
  if (audio.get("codec_name") !== "aac" || audio.get("profile") !== "LC")
    throw new Error(`${file}: the sound is not AAC-LC`);
  const [frames = "0", per = "1"] = (video.get("r_frame_rate") ?? "").split("/");
  return {
    width: Number(video.get("width")),
    height: Number(video.get("height")),
    frameRate: Number(frames) / Number(per),
    codecs: `${await avcName(file)},mp4a.40.2`,
  };
}

/** The codec name of the H.264 stream: profile, constraints and level are the first bytes of its parameter set. */
async function avcName(file: string): Promise<string> {
  const stream = await run("ffmpeg", ["-v", "error", "-i", file, "-map", "0:v:0", "-c", "copy", "-f", "h264", "-"]);
  for (let at = 0; at + 6 < stream.length; at += 1) {
    const isStartCode = stream[at] === 0 && stream[at + 1] === 0 && stream[at + 2] === 1;
    const isParameterSet = ((stream[at + 3] ?? 0) & 0x1f) === 7;
    if (isStartCode && isParameterSet) return `avc1.${stream.toString("hex", at + 4, at + 7)}`;
  }
  throw new Error(`${file}: no H.264 sequence parameter set found`);
}
