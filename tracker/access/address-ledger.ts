import {
  ADDRESS_INTRODUCTION_LIMIT,
  type Bucket,
  type BucketLimit,
  fullBucket,
  isFull,
  takeTokens,
} from "../swarm/index.ts";

/** Reports over HTTP from one address: an office may close its laptops all at once. */
export const ADDRESS_REPORT_LIMIT: BucketLimit = { rate: 50, burst: 2000 };
/** Requests to the admin API from one address: a token of 16 characters is not guessed at this rate. */
export const ADDRESS_ADMIN_LIMIT: BucketLimit = { rate: 2, burst: 60 };
/** Addresses without a connection that are remembered for their quotas. */
export const ADDRESSES_KEPT = 50_000;

type Account = {
  connections: number;
  readonly introductions: Bucket;
  /** There once one is taken: most addresses never report or ask this way. */
  reports: Bucket | undefined;
  admin: Bucket | undefined;
};

/** What each address (its keyed hash) may still use of this process. */
export type AddressLedger = {
  /** Counts a connection, unless the address has `max` already. Each `opened` is paired with one `close`. */
  readonly open: (address: string, max: number) => "opened" | "full";
  readonly close: (address: string) => void;
  /** Takes up to `want` introductions; the answer is how many there were. */
  readonly takeIntroductions: (address: string, want: number) => number;
  /** Takes one report over HTTP. */
  readonly takeReport: (address: string) => "taken" | "empty";
  /** Takes one request to the admin API. */
  readonly takeAdmin: (address: string) => "taken" | "empty";
  /** Addresses remembered now. */
  readonly size: () => number;
};

export function createAddressLedger(clock: () => number, kept = ADDRESSES_KEPT): AddressLedger {
  const accounts = new Map<string, Account>();

  const account = (address: string): Account => {
    const existing = accounts.get(address);
    if (existing) return existing;
    if (accounts.size >= kept) makeRoom();
    const created: Account = {
      connections: 0,
      introductions: fullBucket(ADDRESS_INTRODUCTION_LIMIT, clock()),
      reports: undefined,
      admin: undefined,
    };
    accounts.set(address, created);
    return created;
  };
  const forgetIfIdle = (address: string, known: Account): void => {
    const now = clock();
    const idle =
      known.connections === 0 &&
      isFull(known.introductions, ADDRESS_INTRODUCTION_LIMIT, now) &&
      (known.reports === undefined || isFull(known.reports, ADDRESS_REPORT_LIMIT, now)) &&
      (known.admin === undefined || isFull(known.admin, ADDRESS_ADMIN_LIMIT, now));
    if (idle) accounts.delete(address);
  };
  /** Looks at the oldest few only, so that a flood of new addresses costs each of them the same small amount. */
  const makeRoom = (): void => {
    let looks = 0;
    for (const [address, known] of accounts) {
      if (looks++ === 8) break;
      // Back to the end, so that the next look meets others.
      accounts.delete(address);
      if (known.connections > 0) accounts.set(address, known);
    }
  };

  return {
    open(address, max) {
      const known = account(address);
      if (known.connections >= max) return "full";
      known.connections += 1;
      return "opened";
    },
    close(address) {
      const known = accounts.get(address);
      if (!known) return;
      known.connections -= 1;
      forgetIfIdle(address, known);
    },
    takeIntroductions: (address, want) =>
      takeTokens(account(address).introductions, ADDRESS_INTRODUCTION_LIMIT, clock(), want),
    takeReport(address) {
      const known = account(address);
      const now = clock();
      known.reports ??= fullBucket(ADDRESS_REPORT_LIMIT, now);
      return takeTokens(known.reports, ADDRESS_REPORT_LIMIT, now) === 1 ? "taken" : "empty";
    },
    takeAdmin(address) {
      const known = account(address);
      const now = clock();
      known.admin ??= fullBucket(ADDRESS_ADMIN_LIMIT, now);
      return takeTokens(known.admin, ADDRESS_ADMIN_LIMIT, now) === 1 ? "taken" : "empty";
    },
    size: () => accounts.size,
  };
}
