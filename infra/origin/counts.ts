/** Requests for resources that exist, and the body bytes that were written to sockets for them. */
export type Tally = { readonly requests: number; readonly bytes: number };

/** What the origin sent since it started or was last reset. */
export type OriginCounts = {
  readonly segments: Tally & {
    /** By path, oldest first; the newest `COUNTED_KEYS` of them. */
    readonly byKey: Readonly<Record<string, Tally>>;
  };
  readonly playlists: Tally;
};

export type Resource = { readonly kind: "segment" | "playlist"; readonly key: string };

/** Segments counted one by one: half an hour of live in two renditions. Totals go on without a limit. */
export const COUNTED_KEYS = 1000;

export type Counter = {
  readonly asked: (resource: Resource) => void;
  /** `bytes` more went out. */
  readonly sent: (resource: Resource, bytes: number) => void;
  readonly snapshot: () => OriginCounts;
  readonly reset: () => void;
};

export function createCounter(): Counter {
  const zero = (): Tally => ({ requests: 0, bytes: 0 });
  let totals = { segment: zero(), playlist: zero() };
  let byKey = new Map<string, Tally>();

  const add = ({ kind, key }: Resource, requests: number, bytes: number): void => {
    const plus = (tally: Tally): Tally => ({ requests: tally.requests + requests, bytes: tally.bytes + bytes });
    totals[kind] = plus(totals[kind]);
    if (kind === "playlist") return;
    byKey.set(key, plus(byKey.get(key) ?? zero()));
    const oldest = byKey.size > COUNTED_KEYS ? byKey.keys().next().value : undefined;
    if (oldest !== undefined) byKey.delete(oldest);
  };

  return {
    asked: (resource) => add(resource, 1, 0),
    sent: (resource, bytes) => add(resource, 0, bytes),
    snapshot: () => ({
      segments: { ...totals.segment, byKey: Object.fromEntries(byKey) },
      playlists: totals.playlist,
    }),
    reset: () => {
      totals = { segment: zero(), playlist: zero() };
      byKey = new Map();
    },
  };
}
