import type { Nearness, Upload } from "../../tracker/protocol/index.ts";
import { ALL_OPEN, type NatMix } from "./nat.ts";
import type { Random } from "./random.ts";

/** A viewer's line. Rates in bits per second, latency one way from the viewer to the middle of the network. */
export type Line = {
  readonly kind: string;
  readonly down: number;
  /** For a viewer that only receives this carries what it says, never media. */
  readonly up: number;
  readonly latencyMs: number;
  readonly upload: Upload;
};

const MBIT = 1_000_000;
const line = (kind: string, down: number, up: number, latencyMs: number, upload: Upload = "share"): Line => ({
  kind,
  down: down * MBIT,
  up: up * MBIT,
  latencyMs,
  upload,
});

const LINES = {
  lan: line("lan", 1000, 1000, 0.5),
  fibre: line("fibre", 100, 50, 8),
  cable: line("cable", 50, 10, 15),
  dsl: line("dsl", 16, 1.5, 25),
  mobile: line("mobile", 10, 2, 40, "receive"),
} as const;

export const PROFILE_NAMES = ["lan", "broadband", "scarce"] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** Among whom the stream is watched. `about` is for people. */
export type Profile = {
  readonly about: string;
  readonly near: Nearness;
  readonly nat: NatMix;
  /** Draws one viewer's line; `bitsPerSecond` is that of the stream's best rendition. */
  readonly draw: (random: Random, bitsPerSecond: number) => Line;
};

/** Share of viewers without upload in `scarce`, and the mean uplink over all of them against the bitrate. */
const SCARCE_WITHOUT = 0.2;
const SCARCE_MEAN = 0.6;

function drawBroadband(random: Random): Line {
  const drawn = random();
  if (drawn < 0.35) return LINES.fibre;
  if (drawn < 0.7) return LINES.cable;
  return drawn < 0.85 ? LINES.dsl : LINES.mobile;
}

function drawScarce(random: Random, bitsPerSecond: number): Line {
  if (random() < SCARCE_WITHOUT) return { ...LINES.dsl, kind: "silent", upload: "receive" };
  const mean = (SCARCE_MEAN / (1 - SCARCE_WITHOUT)) * bitsPerSecond;
  return { ...LINES.dsl, kind: "narrow", up: mean * (0.5 + random()) };
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  lan: { about: "one office: gigabit, 1 ms", near: "lan", nat: ALL_OPEN, draw: () => LINES.lan },
  broadband: {
    about: "35% fibre, 35% cable, 15% DSL, 15% mobile that only receives; 15% behind symmetric NAT",
    near: "far",
    nat: { open: 0.55, mapped: 0.3, symmetric: 0.15 },
    draw: drawBroadband,
  },
  scarce: {
    about: "DSL whose mean uplink is 0.6 of the bitrate; 20% without upload",
    near: "far",
    nat: ALL_OPEN,
    draw: drawScarce,
  },
};

/** What a viewer of this line can give, in bits per second. */
export const uploadOf = (of: Line): number => (of.upload === "share" ? of.up : 0);
