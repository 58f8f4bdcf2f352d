import type { Platform } from "../../../../player/storage/index.ts";

type Operation = "open" | "keys" | "drop-cache" | "put" | "match" | "delete";

export type FakeBrowser = Platform & {
  /** Each cache's entries by URL. */
  readonly stored: Map<string, Map<string, Uint8Array>>;
  /** Names of locks held. */
  readonly held: Set<string>;
  /** What was done, in the order in which it was done. */
  readonly done: string[];
  /** Bytes in all caches. */
  readonly usage: () => number;
  /** Ends all pages as a crash does: their locks are free, their caches stay. */
  readonly crash: () => void;
  /** The operation fails with this from now on, or works again. */
  readonly fail: (operation: Operation, error?: Error) => void;
  /** Writes wait until the returned function is called. */
  readonly holdWrites: () => () => void;
};

export const quotaError = (): Error => new DOMException("no room", "QuotaExceededError");

/** A browser's caches, locks and quota in memory. It refuses writes beyond `enforced` bytes, whatever it says its quota is. */
export function fakeBrowser(room: { quota?: number; enforced?: number; usedByOthers?: number } = {}): FakeBrowser {
  const { quota = 10e9, enforced = quota, usedByOthers = 0 } = room;
  const stored = new Map<string, Map<string, Uint8Array>>();
  const held = new Set<string>();
  const done: string[] = [];
  const faults = new Map<Operation, Error>();
  let gate: Promise<void> = Promise.resolve();

  const usage = (): number =>
    usedByOthers +
    [...stored.values()].flatMap((cache) => [...cache.values()]).reduce((sum, { length }) => sum + length, 0);
  const act = async (operation: Operation, what = ""): Promise<void> => {
    // As in a browser, nothing is ready at once.
    await new Promise((resolve) => setImmediate(resolve));
    const fault = faults.get(operation);
    if (fault !== undefined) throw fault;
    done.push(what === "" ? operation : `${operation} ${what}`);
  };
  const named = (url: string): string => decodeURIComponent(new URL(url).search.slice(1));

  return {
    stored,
    held,
    done,
    usage,
    crash: () => held.clear(),
    fail: (operation, error) => (error === undefined ? faults.delete(operation) : faults.set(operation, error)),
    holdWrites: () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => open();
    },
    estimate: async () => ({ quota, usage: usage() }),
    locks: {
      request: async (name, _, whileHeld) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (held.has(name)) return whileHeld(null);
        held.add(name);
        done.push("lock");
        return whileHeld({ name }).finally(() => held.delete(name));
      },
    },
    caches: {
      keys: async () => {
        await act("keys");
        return [...stored.keys()];
      },
      delete: async (name) => {
        await act("drop-cache");
        return stored.delete(name);
      },
      open: async (name) => {
        await act("open");
        const entries = stored.get(name) ?? new Map<string, Uint8Array>();
        stored.set(name, entries);
        return {
          put: async (url, response) => {
            const bytes = new Uint8Array(await response.arrayBuffer());
            await gate;
            await act("put", named(url));
            if (usage() - (entries.get(url)?.length ?? 0) + bytes.length > enforced) throw quotaError();
            entries.set(url, bytes);
          },
          match: async (url) => {
            await act("match", named(url));
            const bytes = entries.get(url);
            return bytes && new Response(bytes.slice());
          },
          delete: async (url) => {
            await act("delete", named(url));
            return entries.delete(url);
          },
        };
      },
    },
  };
}
