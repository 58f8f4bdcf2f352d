import type { Level, MediaPlaylist } from "hls.js";
import { type RenditionId, renditionId } from "../protocol/index.ts";
import { shortHash } from "./short-hash.ts";

/** Sample entry codes of video that mean the same codec (RFC 6381 section 3, registered at mp4ra.org). */
const VIDEO_FAMILIES: Readonly<Record<string, string>> = {
  avc1: "avc",
  avc3: "avc",
  hvc1: "hevc",
  hev1: "hevc",
  dvh1: "dv",
  dvhe: "dv",
  vp09: "vp9",
  av01: "av1",
};

/** What of a level names it: the attributes of its EXT-X-STREAM-INF, and its URL. */
export type LevelName = { readonly attrs: Readonly<Partial<Level["attrs"]>>; readonly uri: string };

/**
 * Names a variant by its own STABLE-VARIANT-ID, else by height, bandwidth and codec as the multivariant playlist has them
 * (RFC 8216 section 4.3.4.2): they are alike for all viewers, whatever host, path or token their copy of the playlist names.
 * Redundant variants share an id. A media playlist without a multivariant one is named by the path of its URL.
 */
export function levelRendition({ attrs, uri }: LevelName): RenditionId {
  const stable = attrs["STABLE-VARIANT-ID"];
  if (stable !== undefined) return renditionId(fitting(`s.${stable}`));
  const { BANDWIDTH, CODECS, RESOLUTION } = attrs;
  if (BANDWIDTH === undefined) return renditionId(`u.${shortHash(pathOf(uri))}`);
  const height = RESOLUTION?.split("x")[1] ?? "0";
  return renditionId(fitting(`v.${height}.${BANDWIDTH}.${videoFamily(CODECS)}`));
}

/** What of an audio track names it. */
export type TrackName = Pick<MediaPlaylist, "groupId" | "name" | "lang" | "url"> & {
  readonly attrs: { readonly "STABLE-RENDITION-ID"?: string | undefined };
};

/** Names an audio rendition by STABLE-RENDITION-ID, else by group, name and language. */
export function audioRendition({ attrs, groupId, name, lang }: TrackName): RenditionId {
  const stable = attrs["STABLE-RENDITION-ID"];
  return renditionId(fitting(stable === undefined ? `a.${groupId}.${name}.${lang ?? ""}` : `s.${stable}`));
}

function videoFamily(codecs: string | undefined): string {
  for (const codec of codecs?.split(",") ?? []) {
    const family = VIDEO_FAMILIES[codec.trim().slice(0, 4)];
    if (family !== undefined) return family;
  }
  return "none";
}

/** An id is cut and its odd characters replaced; what that would make alike is kept apart by a hash. */
function fitting(name: string): string {
  return /^[\x21-\x2e\x30-\x7e]{1,64}$/.test(name) ? name : `${name.slice(0, 48)}.${shortHash(name)}`;
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
