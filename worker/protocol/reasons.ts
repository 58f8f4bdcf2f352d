import type { CdnReason } from "./sample.ts";

/** How a reason is told to people: its name, a few words for a list, a sentence about one segment. */
export type ReasonText = { readonly name: string; readonly words: string; readonly sentence: string };

/** In the order of a viewer's visit, and the same in demo, overlay and reports. */
export const REASONS: Readonly<Record<CdnReason, ReasonText>> = {
  start: {
    name: "Start",
    words: "first picture",
    sentence: "The first picture does not wait for neighbours.",
  },
  duty: {
    name: "Duty",
    words: "bought once for everyone",
    sentence: "It was this viewer's turn to buy it for everyone.",
  },
  noPeer: {
    name: "No peer",
    words: "no neighbour had it",
    sentence: "No neighbour had it when it was needed.",
  },
  tooLate: {
    name: "Too late",
    words: "peers were too slow",
    sentence: "Neighbours were sending it too slowly, and playback would have run dry.",
  },
  failedCheck: {
    name: "Failed check",
    words: "a copy failed its check",
    sentence: "A neighbour's copy was not what the others had, so it was thrown away.",
  },
  policy: {
    name: "Policy",
    words: "by setting",
    sentence: "A setting of the site or the operator asked for it.",
  },
  p2pOff: {
    name: "P2P off",
    words: "peer delivery is off",
    sentence: "Peer delivery is off here.",
  },
};
