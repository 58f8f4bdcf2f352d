/** Times and sizes of the signalling sockets. Tests shorten them; operators have no reason to. */
export const TIMINGS = {
  /** Time between two pings, in milliseconds: below the minute after which proxies drop a silent socket. */
  pingMs: 25_000,
  /** Bytes that may wait to be sent on one socket; a viewer slower than that is dropped. */
  bufferedBytes: 1024 * 1024,
  /** A socket that was closed from here is cut when the other side has not agreed within this time, in milliseconds. */
  closeMs: 2000,
  /** Shortest time between two `swarm` messages of one swarm, in milliseconds. */
  sizeMs: 1000,
  /** A change of size waits this long for others, in milliseconds. */
  sizeSettleMs: 50,
  /** Longest wait of news (who will call, how many there are) for a message to the same viewer, in milliseconds. */
  newsMs: 2000,
  /** Time between two renewals of the members' leases, in milliseconds: a third of the lease. */
  renewMs: 15_000,
  /** Time between two attempts at what the store has rejected, in milliseconds. */
  retryMs: 1000,
} as const;

/** Unanswered pings after which a viewer counts as gone. */
export const MISSED_PONGS = 2;
/** Messages of one viewer that may wait for their turn before its socket is paused. */
export const INBOX_MESSAGES = 32;
/** Seconds of its average rate that a viewer may send at once: trickling candidates to many neighbours comes in a gust. */
export const BURST_SECONDS = 10;

/** The timings of one tracker, with the time to join and the time that samples wait for company. */
export type Timings = { readonly [Name in keyof typeof TIMINGS]: number } & {
  readonly joinMs: number;
  readonly batchMs: number;
};
