import type { PeerId } from "../../tracker/protocol/index.ts";
import type { CdnReason } from "../../worker/protocol/index.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Shares, Totals } from "./types.ts";

/** Neighbours whose bytes are kept apart; of those before, only the sums remain. */
const MOST_LINKS = 1024;

/** Counts every byte once, when it arrives or leaves. */
export type Ledger = {
  readonly cdn: (bytes: number, reason: CdnReason) => void;
  /** `from`: undefined when it has gone meanwhile, and nothing is known of it any more. */
  readonly fromPeer: (bytes: number, peer: PeerId, from: Neighbour | undefined) => void;
  readonly played: (bytes: number) => void;
  readonly uploaded: (bytes: number, peer: PeerId) => void;
  readonly wasted: (bytes: number) => void;
  readonly totals: () => Totals;
  readonly shares: () => Shares;
};

/** A ledger with all accounts at zero. */
export function createLedger(): Ledger {
  const cdnReasons = { start: 0, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 };
  const sums = { cdn: 0, peer: 0, relay: 0, played: 0, uploaded: 0, wasted: 0 };
  const near = { lan: 0, network: 0, as: 0, country: 0, far: 0 };
  const links = new Map<PeerId, { received: number; sent: number }>();

  const linkOf = (peer: PeerId) => {
    const link = links.get(peer) ?? { received: 0, sent: 0 };
    links.set(peer, link);
    if (links.size > MOST_LINKS) {
      const [oldest] = links.keys();
      if (oldest !== undefined) links.delete(oldest);
    }
    return link;
  };

  return {
    cdn(bytes, reason) {
      sums.cdn += bytes;
      cdnReasons[reason] += bytes;
    },
    fromPeer(bytes, peer, from) {
      linkOf(peer).received += bytes;
      const { path, near: distance } = from ?? { path: "direct", near: "far" };
      if (path !== "direct") {
        sums.relay += bytes;
        return;
      }
      sums.peer += bytes;
      near[distance] += bytes;
    },
    played(bytes) {
      sums.played += bytes;
    },
    uploaded(bytes, peer) {
      linkOf(peer).sent += bytes;
      sums.uploaded += bytes;
    },
    wasted(bytes) {
      sums.wasted += bytes;
    },
    totals: () => ({ ...sums, cdnReasons: { ...cdnReasons } }),
    shares: () => ({ near: { ...near }, links }),
  };
}
