import type { FillReport, NeighbourView, Totals } from "../engine/types.ts";
import { NOTHING } from "../session/accounts.ts";
import type { PeerInfo, SegmentEvent, ShoalStats, TrackerState } from "./api.ts";

/** What the page's figures are made of. */
export type Figures = {
  readonly totals: Totals;
  readonly peers: number;
  readonly swarmSize: number;
  readonly stalls: number;
  readonly stallMs: number;
  readonly startupMs: number | undefined;
  readonly storedBytes: number;
  readonly caution: ShoalStats["caution"];
  readonly tracker: TrackerState;
};

/** The figures of a page where Shoal stays out of the way. */
export const NO_FIGURES: Figures = {
  totals: NOTHING,
  peers: 0,
  swarmSize: 0,
  stalls: 0,
  stallMs: 0,
  startupMs: undefined,
  storedBytes: 0,
  caution: "none",
  tracker: "off",
};

export function statsOf({ totals, ...rest }: Figures): Omit<ShoalStats, "trackerDetail"> {
  const { cdn, peer, relay, played, uploaded, wasted, cdnReasons } = totals;
  return {
    ...rest,
    cdnBytes: cdn,
    peerBytes: peer,
    relayBytes: relay,
    uploadBytes: uploaded,
    playedBytes: played,
    wastedBytes: wasted,
    cdnReasons,
    offload: played > 0 ? (played - cdn - relay) / played : null,
    stallMs: Math.round(rest.stallMs),
    startupMs: rest.startupMs === undefined ? undefined : Math.round(rest.startupMs),
  };
}

export const peerInfo = ({ peer, near, path, received, sent, responseMs }: NeighbourView): PeerInfo => ({
  id: peer,
  near,
  relayed: path !== "direct",
  receivedBytes: received,
  sentBytes: sent,
  responseMs,
});

export const segmentEvent = ({ key, peers, cdnTransfer: _, ...rest }: FillReport): SegmentEvent => ({
  ...rest,
  rendition: key.rendition,
  msn: key.msn,
  peers: [...peers.keys()],
});
