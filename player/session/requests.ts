import type { CdnFault, EngineEvent, FillReport, Millis, RequestId } from "../engine/types.ts";
import type { SegmentKey } from "../protocol/index.ts";
import type { CdnProgress } from "./cdn-side.ts";
import { type DirectLoad, join, loadDirectly } from "./direct-load.ts";
import type { Cdn, CdnSource, Clock } from "./ports.ts";

/** A segment past its deadline, for which nothing comes in and nothing is under way, is a fault of ours after this long. */
const STUCK_MS = 8_000;

/** A segment that the player wants. `deadline`: when playback runs dry without it. `start`: nothing was shown yet. */
export type Wish = {
  readonly key: SegmentKey;
  readonly source: CdnSource;
  readonly deadline: Millis;
  readonly start: boolean;
};

/** One of `onDone` and `onFailed` ends a wish; neither comes once it was abandoned. */
export type WishEvents = {
  /** `data` is the caller's own. */
  readonly onDone: (data: ArrayBuffer, report: FillReport) => void;
  readonly onFailed: (fault: CdnFault) => void;
  /** `bytes`: size of the whole segment once it is known. */
  readonly onProgress: (held: number, bytes: number | undefined) => void;
};

export type OpenWish = {
  readonly abandon: () => void;
  /** The CDN's part in it at this moment; `undefined` while the CDN is not asked. */
  readonly cdn: () => CdnProgress | undefined;
};

export type RequestsParts = {
  readonly cdn: Cdn;
  readonly clock: Clock;
  readonly feed: (event: EngineEvent) => void;
  readonly cdnProgress: (key: SegmentKey) => CdnProgress | undefined;
  readonly onStuck: (wish: Wish) => void;
  /** A wish was fulfilled. */
  readonly onFilled: (report: FillReport) => void;
  /** Bytes bought past the engine; `played` of them were handed on. */
  readonly onDirectBytes: (cdn: number, played: number) => void;
};

export type Requests = {
  readonly open: (wish: Wish, events: WishEvents) => OpenWish;
  readonly deliver: (request: RequestId, blocks: readonly Uint8Array[], report: FillReport) => void;
  readonly fail: (request: RequestId, fault: CdnFault) => void;
  readonly progress: (request: RequestId, held: number, bytes: number | undefined) => void;
  /** From now on nothing goes through the engine: what is open starts again at the CDN. */
  readonly goDirect: () => void;
  /** Forgets all that is open. */
  readonly dropAll: () => void;
};

type Open = {
  readonly wish: Wish;
  readonly events: WishEvents;
  movedAt: Millis;
  unwatch: () => void;
  direct: DirectLoad | undefined;
};

/** The player's wishes, and who fulfils each. */
export function createRequests(parts: RequestsParts): Requests {
  const { cdn, clock, feed } = parts;
  const all = new Map<RequestId, Open>();
  let next: RequestId = 1;
  let direct = false;

  /** Takes a wish that is over from the list, so that each ends once. */
  const take = (request: RequestId): Open | undefined => {
    const open = all.get(request);
    open?.unwatch();
    all.delete(request);
    return open;
  };

  const watch = (open: Open): void => {
    const due = Math.max(open.wish.deadline, open.movedAt) + STUCK_MS - clock.now();
    open.unwatch = clock.after(Math.max(STUCK_MS / 2, due), () => {
      const idle = clock.now() - Math.max(open.wish.deadline, open.movedAt) >= STUCK_MS;
      if (idle && parts.cdnProgress(open.wish.key) === undefined) parts.onStuck(open.wish);
      else watch(open);
    });
  };

  const loadOpen = (request: RequestId, open: Open): void => {
    const { events, wish } = open;
    open.unwatch();
    open.direct = loadDirectly(cdn, clock, wish.key, wish.source, {
      onProgress: events.onProgress,
      onBytes: parts.onDirectBytes,
      onDone: (data, report) => {
        take(request);
        parts.onFilled(report);
        events.onDone(data, report);
      },
      onFailed: (fault) => take(request)?.events.onFailed(fault),
    });
  };

  const abandon = (request: RequestId): void => {
    const open = take(request);
    if (open === undefined) return;
    if (open.direct === undefined) feed({ t: "abandon", request });
    else open.direct.abort();
  };

  return {
    open: (wish, events) => {
      const request = next++;
      const open: Open = { wish, events, movedAt: clock.now(), unwatch: () => undefined, direct: undefined };
      all.set(request, open);
      if (direct) {
        loadOpen(request, open);
      } else {
        watch(open);
        feed({ t: "want", request, key: wish.key, deadline: wish.deadline, start: wish.start });
      }
      return {
        abandon: () => abandon(request),
        cdn: () => (open.direct === undefined ? parts.cdnProgress(wish.key) : open.direct.progress()),
      };
    },
    deliver: (request, blocks, report) => {
      const open = take(request);
      if (open === undefined) return;
      parts.onFilled(report);
      open.events.onDone(join(blocks), report);
    },
    fail: (request, fault) => take(request)?.events.onFailed(fault),
    progress: (request, held, bytes) => {
      const open = all.get(request);
      if (open === undefined) return;
      open.movedAt = clock.now();
      open.events.onProgress(held, bytes);
    },
    goDirect: () => {
      direct = true;
      for (const [request, open] of all) if (open.direct === undefined) loadOpen(request, open);
    },
    dropAll: () => {
      for (const request of [...all.keys()]) take(request)?.direct?.abort();
    },
  };
}
