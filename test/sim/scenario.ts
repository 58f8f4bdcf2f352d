import { DEFAULT_LIMITS } from "../../player/engine/limits.ts";
import type { EngineLimits } from "../../player/engine/types.ts";
import type { Policy } from "../../tracker/protocol/index.ts";
import type { NatMix } from "./nat.ts";
import type { ProfileName } from "./profiles.ts";

/** When viewers come. Milliseconds. */
export type Joins =
  /** All at a random moment within this time. */
  | { readonly kind: "flash"; readonly withinMs: number }
  | { readonly kind: "every"; readonly everyMs: number }
  /** One after the other with exponential gaps of this mean. */
  | { readonly kind: "poisson"; readonly meanMs: number };

/** Peers that do not keep to the rules, drawn among all viewers. */
export type Rogues = {
  /** Sends blocks of other bytes. */
  readonly liars: number;
  /** Never answers a request. */
  readonly mutes: number;
  /** Announces every segment, held or not. */
  readonly boasters: number;
};

export type OriginModel = {
  /** False: the whole segment is sent, whatever was asked for. */
  readonly range: boolean;
  /** From the request's arrival to the first byte's departure, in milliseconds. */
  readonly firstByteMs: number;
  /** Of one transfer, in bits per second. */
  readonly bitsPerSecond: number;
  /** Of all transfers together, in bits per second. */
  readonly capacity: number;
  /** Segments are not to be had in these times; playlists are. */
  readonly outages: readonly { readonly fromMs: number; readonly toMs: number }[];
};

export type Scenario = {
  readonly seed: number;
  readonly viewers: number;
  /** The viewers watch so many streams alike, each with a swarm of its own. */
  readonly swarms: number;
  readonly minutes: number;
  readonly mode: "live" | "vod";
  readonly profile: ProfileName;
  /** Whose routers let whom through; `profile`: as the profile says. */
  readonly nat: "profile" | NatMix;
  readonly joins: Joins;
  /** Per viewer and minute. `replace`: somebody new comes for each that left. `vanish`: share that goes without a word. */
  readonly leaves: { readonly perMinute: number; readonly replace: boolean; readonly vanish: number };
  /** Jumps to another place, per viewer and minute; VOD only. */
  readonly seeksPerMinute: number;
  /** How often a device stops sharing or begins again (battery, cellular), per viewer and minute. */
  readonly flipsPerMinute: number;
  /** The stream's renditions in bits per second, lowest first. With one there is nothing to choose. */
  readonly bitrates: readonly number[];
  /** How often a viewer goes to another rendition without need, per viewer and minute. */
  readonly switchesPerMinute: number;
  readonly segmentMs: number;
  /** Segments in a live playlist. */
  readonly window: number;
  /** False: every engine is switched off, so that all comes from the CDN. */
  readonly p2p: boolean;
  readonly origin: OriginModel;
  /**
   * The tracker is gone, and comes back having forgotten everything. With a `share` below 1 it is one of several with a common store: so many
   * of the viewers are its own.
   */
  readonly trackerDown: { readonly fromMs: number; readonly toMs: number; readonly share: number };
  /** What the operator allows from a time on, in order; before the first it is `share`. */
  readonly policies: readonly { readonly atMs: number; readonly mode: Policy["mode"] }[];
  readonly rogues: Rogues;
  /** Operator's cap on a viewer's upload, in bits per second. */
  readonly uploadBitsPerSecond: number;
  /** Neighbours that the tracker hands out. */
  readonly handOut: number;
  readonly limits: EngineLimits;
};

export const DEFAULTS: Scenario = {
  seed: 1,
  viewers: 40,
  swarms: 1,
  minutes: 3,
  mode: "live",
  profile: "broadband",
  nat: "profile",
  joins: { kind: "flash", withinMs: 10_000 },
  leaves: { perMinute: 0, replace: false, vanish: 0.5 },
  seeksPerMinute: 0,
  flipsPerMinute: 0,
  bitrates: [1_300_000],
  switchesPerMinute: 0.2,
  segmentMs: 4000,
  window: 6,
  p2p: true,
  origin: { range: true, firstByteMs: 40, bitsPerSecond: 40_000_000, capacity: Number.POSITIVE_INFINITY, outages: [] },
  trackerDown: { fromMs: Number.POSITIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, share: 1 },
  policies: [],
  rogues: { liars: 0, mutes: 0, boasters: 0 },
  uploadBitsPerSecond: 20_000_000,
  handOut: 8,
  limits: DEFAULT_LIMITS,
};

/** The default scenario with some of it changed. */
export const scenario = (changes: Partial<Scenario>): Scenario => ({ ...DEFAULTS, ...changes });

/** Bitrate of the best rendition, in bits per second. */
export const topBitrate = (of: Scenario): number => Math.max(...of.bitrates);
