import type { BucketLimit } from "../swarm/index.ts";

/** Caps on what a WebTorrent client may send and hold. Message bytes and rate are those of the other sockets. */
export const WEBTORRENT_LIMITS = {
  /** Length of an info hash, a peer id and an offer id, in characters: each stands for one byte. */
  idLength: 20,
  /** Length of one SDP, in UTF-16 units. */
  sdpLength: 16 * 1024,
  /** Offers in one announcement. */
  offers: 10,
  /** Swarms that one socket may be in: p2p-media-loader has one for each rendition. */
  swarmsPerSocket: 32,
  /** Swarms of one process. */
  swarms: 20_000,
  /** Info hashes in one scrape. */
  scraped: 32,
  /** Offers of one socket that may wait for their answer; beyond them the oldest is forgotten. */
  openOffers: 128,
  /** An offer is open for this long, in milliseconds; clients give up on theirs after 50 s. */
  offerMs: 60_000,
  /** How long a socket may stay open without an announcement, in milliseconds: a client gathers all candidates first. */
  firstAnnounceMs: 60_000,
} as const;

/** Offers of one socket that are passed on to others. */
export const OFFER_LIMIT: BucketLimit = { rate: 0.5, burst: 200 };

/** Time after which a client should announce itself again, in seconds, as BitTorrent's trackers count it. */
export const ANNOUNCE_SECONDS = 60;
