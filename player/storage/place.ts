import { DISK_LIMITS } from "./limits.ts";

/** Each session's cache, and its lock, is named by this and something random. */
export const NAME_PREFIX = "shoal-disk/";

/** What is used of one cache (Cache API). */
export type SessionCache = {
  readonly put: (url: string, response: Response) => Promise<void>;
  readonly match: (url: string) => Promise<Response | undefined>;
  readonly delete: (url: string) => Promise<boolean>;
};

/** What is used of the browser: Cache API, Web Locks, and what `navigator.storage` says about quota, in bytes. */
export type Platform = {
  readonly caches: {
    readonly open: (name: string) => Promise<SessionCache>;
    readonly keys: () => Promise<readonly string[]>;
    readonly delete: (name: string) => Promise<boolean>;
  };
  readonly locks: {
    readonly request: (
      name: string,
      options: { readonly ifAvailable: true },
      whileHeld: (lock: unknown) => Promise<unknown>,
    ) => Promise<unknown>;
  };
  readonly estimate: () => Promise<{ readonly quota?: number; readonly usage?: number }>;
};

/** Where a session keeps its segments. */
export type Place = {
  readonly cache: SessionCache;
  /** Bytes that may be kept here. */
  readonly roomBytes: number;
  /** Deletes the cache. Rejects when the browser could not; whoever opens the next one then does. */
  readonly leave: () => Promise<void>;
};

/** The browser's own. Throws where a part is missing or forbidden. */
export const browserPlatform = (): Platform => ({
  caches,
  locks: navigator.locks,
  estimate: () => navigator.storage.estimate(),
});

/**
 * A cache of this session's own, after those of sessions that are gone were removed; undefined where there is too little
 * room. Rejects where the browser has no such thing, or forbids it.
 */
export async function findPlace({ caches, locks, estimate }: Platform): Promise<Place | undefined> {
  await removeLeftovers(caches, locks);
  const { quota = 0, usage = 0 } = await estimate();
  const roomBytes = (quota - usage) * DISK_LIMITS.freeShare;
  if (roomBytes < DISK_LIMITS.leastBytes) return undefined;

  const name = NAME_PREFIX + crypto.randomUUID();
  // Before the cache is there: a cache whose lock is free counts as left over.
  const release = await hold(locks, name);
  const leave = async () => {
    try {
      await caches.delete(name);
    } finally {
      release();
    }
  };
  try {
    return { cache: await caches.open(name), roomBytes, leave };
  } catch (error) {
    release();
    throw error;
  }
}

/** The browser frees a session's lock when its page is gone, however it went. */
async function removeLeftovers(caches: Platform["caches"], locks: Platform["locks"]): Promise<void> {
  for (const name of await caches.keys()) {
    if (!name.startsWith(NAME_PREFIX)) continue;
    await locks.request(name, { ifAvailable: true }, async (lock) => lock !== null && caches.delete(name));
  }
}

/** Takes a lock that nobody else can want; resolves with how to release it. */
const hold = (locks: Platform["locks"], name: string): Promise<() => void> =>
  new Promise((resolve, reject) => {
    const whileHeld = () => new Promise<void>((release) => resolve(release));
    locks.request(name, { ifAvailable: true }, whileHeld).catch(reject);
  });
