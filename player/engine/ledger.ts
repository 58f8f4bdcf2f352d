import type { CdnReason } from "../../worker/protocol/index.ts";
import type { LinkPath, Totals } from "./types.ts";

/** Counts every byte once, when it arrives or leaves. */
export type Ledger = {
  readonly cdn: (bytes: number, reason: CdnReason) => void;
  readonly fromPeer: (bytes: number, path: LinkPath) => void;
  readonly played: (bytes: number) => void;
  readonly uploaded: (bytes: number) => void;
  readonly wasted: (bytes: number) => void;
  readonly totals: () => Totals;
};

/** A ledger with all accounts at zero. */
export function createLedger(): Ledger {
  const cdnReasons = { start: 0, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 };
  const sums = { cdn: 0, peer: 0, relay: 0, played: 0, uploaded: 0, wasted: 0 };
  return {
    cdn(bytes, reason) {
      sums.cdn += bytes;
      cdnReasons[reason] += bytes;
    },
    fromPeer(bytes, path) {
      sums[path === "relay" ? "relay" : "peer"] += bytes;
    },
    played(bytes) {
      sums.played += bytes;
    },
    uploaded(bytes) {
      sums.uploaded += bytes;
    },
    wasted(bytes) {
      sums.wasted += bytes;
    },
    totals: () => ({ ...sums, cdnReasons: { ...cdnReasons } }),
  };
}
