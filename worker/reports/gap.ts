import type { CdnReason, Gap } from "../protocol/index.ts";
import { type Cell, cdnReasonsOf, count } from "./cell.ts";

/** CDN bytes that no mesh could have done without count against these reasons first: one copy has to be bought by somebody. */
const NECESSARY_FIRST = [
  "duty",
  "start",
  "noPeer",
  "tooLate",
  "failedCheck",
  "policy",
  "p2pOff",
] as const satisfies readonly CdnReason[];

/**
 * Offload against what no mesh can beat: `min(1 - 1/N, uplink/bitrate)`. Both are bytes that viewers have added up: each byte played in a
 * swarm of N could have come from others but for a share of 1/N, and all viewers together could upload so much. What was paid
 * for beyond the necessary is told by why it was bought. What was reached was possible: who comes when others have watched, or bought
 * ahead, gets from them more than 1 - 1/N.
 */
export const gapOf = (cell: Cell): Gap => {
  const played = count(cell, "played");
  const reached = Math.max(0, played - count(cell, "cdn") - count(cell, "relay"));
  const sharable = Math.max(reached, Math.min(count(cell, "sharable"), count(cell, "uplink"), played));
  const reasons = cdnReasonsOf(cell);
  let necessary = played - sharable;
  const spent = { ...reasons, relay: 0 };
  for (const reason of NECESSARY_FIRST) {
    const free = Math.min(necessary, reasons[reason]);
    spent[reason] = reasons[reason] - free;
    necessary -= free;
  }
  spent.relay = Math.max(0, count(cell, "relay") - necessary);
  return {
    bound: played === 0 ? null : sharable / played,
    limit: played === 0 || count(cell, "sharable") === 0 ? null : limitOf(cell),
    bytes: Object.values(spent).reduce((sum, bytes) => sum + bytes, 0),
    spent,
  };
};

/** Which of the two bounds it. */
const limitOf = (cell: Cell): Gap["limit"] => (count(cell, "uplink") < count(cell, "sharable") ? "uplink" : "viewers");
