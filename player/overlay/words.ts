import { REASONS } from "../../worker/protocol/reasons.ts";
import { bytesOf, countOf, durationOf, pluralOf, textOf } from "../../worker/protocol/units.ts";
import type { PeerInfo, SegmentEvent, ShoalStats, TrackerState } from "../embed/api.ts";
import { nameOf } from "./names.ts";

const NEAR_WORDS = {
  lan: "same network",
  network: "same neighbourhood",
  as: "same operator",
  country: "same country",
  far: "far",
} as const satisfies Record<PeerInfo["near"], string>;

/** How near a neighbour is, and how fast it answers. */
export function nearWords({ near, relayed, responseMs }: PeerInfo): string {
  const path = relayed ? ["through TURN"] : [];
  const answer = responseMs === undefined ? [] : [durationOf(responseMs)];
  return [NEAR_WORDS[near], ...path, ...answer].join(" · ");
}

export const bytesText = (bytes: number): string => textOf(bytesOf(bytes));

/** A segment's story in one line: `#1234 720p · 486 kB · from 2 neighbours in 140 ms`. */
export function segmentWords(segment: SegmentEvent): string {
  const why = segment.reason === undefined ? "" : `: ${REASONS[segment.reason].words}`;
  return `${segmentName(segment)} · ${sourceWords(segment)}${why}`;
}

/** Which segment: `#1234 720p · 486 kB`. */
export const segmentName = ({ msn, rendition, bytes }: SegmentEvent): string =>
  `#${msn} ${renditionWords(rendition)} · ${bytesText(bytes)}`;

/** Where a segment came from, and why the CDN was asked, in whole sentences. */
export function segmentSentences(segment: SegmentEvent): string {
  const source = sourceWords(segment);
  const why = segment.reason === undefined ? "" : ` ${REASONS[segment.reason].sentence}`;
  return `${source.charAt(0).toUpperCase()}${source.slice(1)}.${why}`;
}

/** Where most of a segment came from. */
export function mainSource({ cdnBytes, peerBytes, relayBytes }: SegmentEvent): "cdn" | "peer" | "relay" {
  if (cdnBytes >= peerBytes + relayBytes) return "cdn";
  return relayBytes > peerBytes ? "relay" : "peer";
}

/** Shoal names most variants by height, bandwidth and codec: `v.720.1500000.avc`. People look at the height. */
function renditionWords(rendition: string): string {
  const height = /^v\.([1-9]\d*)\./.exec(rendition)?.[1];
  return height === undefined ? rendition : `${height}p`;
}

function sourceWords({ bytes, cdnBytes, peerBytes, relayBytes, peers, tookMs }: SegmentEvent): string {
  if (peerBytes + relayBytes === 0) return "from the CDN";
  const [only] = peers;
  const who =
    peers.length === 1 && only !== undefined ? nameOf(only) : pluralOf(peers.length, "neighbour", "neighbours");
  const turn = relayBytes > 0 ? " through TURN" : "";
  // Peers fill ahead of the playhead, so many segments lie ready when the player asks.
  const when = tookMs < 1 ? "before it was needed" : `in ${durationOf(tookMs)}`;
  if (cdnBytes === 0) return `from ${who}${turn} ${when}`;
  const share = Math.round((100 * Math.min(bytes, peerBytes + relayBytes)) / Math.max(1, bytes));
  return `${share}\u00a0% from ${who}${turn}, the rest from the CDN`;
}

type Swarm = Pick<ShoalStats, "tracker" | "caution" | "peers" | "swarmSize">;

/** What the line under the video says. */
export function statusWords({ tracker, caution, peers }: Swarm, detail: string): string {
  if (caution === "off" && tracker !== "off")
    return "Neighbours disturbed playback: playing from the CDN for a few minutes";
  const source = peers > 0 ? "the CDN and the neighbours it has" : "the CDN";
  switch (tracker) {
    case "connecting":
      return "Looking for other viewers";
    case "up":
      return peers === 0
        ? "Connected to the tracker"
        : `Sharing${caution === "wary" ? " carefully" : ""} with ${pluralOf(peers, "neighbour", "neighbours")}`;
    case "down":
      return `Tracker unreachable: playing from ${source}, trying again`;
    case "refused":
      return `The tracker refused this page${detail === "" ? "" : ` (${detail})`}: playing from ${source}`;
    case "off":
      return "Peer delivery is off: playing from the CDN";
  }
}

/** What stands in the place of neighbours while there are none. */
export function aloneWords({ tracker, caution, swarmSize }: Swarm): string {
  if (caution === "off" && tracker !== "off")
    return "Neighbours disturbed playback, so this page does without them for a few minutes.";
  if (tracker !== "up") return ALONE_WORDS[tracker];
  if (swarmSize <= 1)
    return "You are the only viewer. Open this page in a second window and watch the two help each other.";
  return `${pluralOf(swarmSize - 1, "other viewer", "other viewers")} of this stream. Connecting to the nearest.`;
}

const ALONE_WORDS = {
  connecting: "Looking for other viewers of this stream.",
  down: "Neighbours are found through the tracker, which cannot be reached now.",
  refused: "Neighbours are found through the tracker, which refused this page.",
  off: "Peer delivery is off, so this page has no neighbours.",
} as const satisfies Record<Exclude<TrackerState, "up">, string>;

/** Stalls of the session: `none`, or how many and for how long. */
export function stallWords({ stalls, stallMs }: Pick<ShoalStats, "stalls" | "stallMs">): string {
  return stalls === 0 ? "none" : `${countOf(stalls)} (${durationOf(stallMs)})`;
}
