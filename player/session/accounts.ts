import { CDN_REASONS, type CdnReason } from "../../worker/protocol/index.ts";
import type { Shares, Totals } from "../engine/types.ts";

/** What is counted outside the engine: loads that never go through it, and what is bought once it is switched off. */
export type Accounts = {
  /** `played` of the `bytes` that came from the CDN were handed to the player. */
  readonly buy: (bytes: number, reason: CdnReason, played: number) => void;
  /** Everything counted: the engine's totals and these. */
  readonly sum: (engine: Totals) => Totals;
};

/** Zero of everything. */
export const NOTHING: Totals = {
  cdn: 0,
  peer: 0,
  relay: 0,
  cdnReasons: { start: 0, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 },
  played: 0,
  uploaded: 0,
  wasted: 0,
};

/** Nothing came from or went to any neighbour. */
export const NO_SHARES: Shares = { near: { lan: 0, network: 0, as: 0, country: 0, far: 0 }, links: new Map() };

/** Makes empty accounts. */
export function createAccounts(): Accounts {
  let own = NOTHING;
  return {
    buy: (bytes, reason, played) => {
      const cdnReasons = { ...NOTHING.cdnReasons, [reason]: bytes };
      own = addTotals(own, { ...NOTHING, cdn: bytes, cdnReasons, played, wasted: Math.max(0, bytes - played) });
    },
    sum: (engine) => addTotals(engine, own),
  };
}

/** Both together. */
export function addTotals(a: Totals, b: Totals): Totals {
  const cdnReasons = { ...a.cdnReasons };
  for (const reason of CDN_REASONS) cdnReasons[reason] += b.cdnReasons[reason];
  return {
    cdn: a.cdn + b.cdn,
    peer: a.peer + b.peer,
    relay: a.relay + b.relay,
    cdnReasons,
    played: a.played + b.played,
    uploaded: a.uploaded + b.uploaded,
    wasted: a.wasted + b.wasted,
  };
}
