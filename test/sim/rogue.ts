import { blockCount, type Frame } from "../../player/protocol/index.ts";
import type { PeerId } from "../../tracker/protocol/index.ts";
import type { Stream } from "./media.ts";
import type { Listing } from "./playlist.ts";
import { type Random, randomStream } from "./random.ts";
import type { Rogues, Scenario } from "./scenario.ts";

/** How a viewer keeps to the rules. */
export type Conduct = "honest" | "liar" | "mute" | "boaster";

/** Draws which viewers are rogues: as many of each as the scenario says, the rest honest. */
export function drawConduct({ rogues, seed, viewers }: Scenario): (viewer: number) => Conduct {
  const conducts: Conduct[] = Array.from({ length: viewers }, () => "honest");
  const random: Random = randomStream(seed, "conduct");
  const place = (conduct: Conduct, count: number): void => {
    const honest = conducts.flatMap((one, viewer) => (one === "honest" ? [viewer] : []));
    for (let i = 0; i < count && honest.length > 0; i++) {
      const [drawn] = honest.splice(Math.floor(random() * honest.length), 1);
      if (drawn !== undefined) conducts[drawn] = conduct;
    }
  };
  for (const [kind, conduct] of KINDS) place(conduct, rogues[kind]);
  return (viewer) => conducts[viewer] ?? "honest";
}

const KINDS: readonly (readonly [keyof Rogues, Conduct])[] = [
  ["liars", "liar"],
  ["mutes", "mute"],
  ["boasters", "boaster"],
];

/** What a viewer of this conduct sends in place of an honest frame; nothing when it keeps silent. */
export function misspoken(conduct: Conduct, frame: Frame, stream: Stream): Frame | undefined {
  if (conduct === "liar" && frame.t === "block") return { ...frame, bytes: stream.corrupt(frame.bytes) };
  if (conduct === "mute" && (frame.t === "block" || frame.t === "refuse")) return undefined;
  return frame;
}

/** What a boaster tells of a playlist: that it holds everything. */
export function boasts(
  level: number,
  { first, last }: Listing,
  stream: Stream,
  peers: Iterable<PeerId>,
): [PeerId, Frame][] {
  const told: [PeerId, Frame][] = [];
  for (const peer of peers) {
    for (let msn = Math.max(first, last - 8); msn <= last; msn++) {
      const { key, bytes } = stream.segment(level, msn);
      told.push([peer, { t: "have", key, bytes, from: 0, count: blockCount(bytes) }]);
    }
  }
  return told;
}
