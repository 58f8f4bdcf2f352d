import type { Effect, EngineEvent, FetchId } from "../../player/engine/types.ts";
import { segmentId } from "../../player/protocol/index.ts";
import type { Audit } from "./audit.ts";
import type { Stream } from "./media.ts";
import type { Origin, Transfer } from "./origin.ts";
import type { Device } from "./wire.ts";

/** One viewer's transfers from the CDN. */
export type Fetches = {
  readonly get: (effect: Extract<Effect, { t: "cdn-get" }>) => void;
  readonly abort: (fetch: FetchId) => void;
  /** Stops all. Returns how many bytes had come that the engine was not told of. */
  readonly close: () => number;
};

export function createFetches(of: {
  readonly device: Device;
  readonly origin: Origin;
  readonly stream: Stream;
  readonly audit: Audit;
  readonly feed: (event: EngineEvent) => void;
}): Fetches {
  const { device, origin, stream, audit, feed } = of;
  const transfers = new Map<FetchId, Transfer>();

  const stop = (fetch: FetchId): number => {
    const stray = transfers.get(fetch)?.abort() ?? 0;
    transfers.delete(fetch);
    audit.cdnBytes(stray);
    return stray;
  };

  return {
    get({ fetch, key, from, to }) {
      const over = (event: EngineEvent): void => {
        transfers.delete(fetch);
        audit.transferOver(fetch);
        feed(event);
      };
      const range = { from, to };
      const transfer = origin.get(device, stream.ofKey(key), range, {
        opened: (bytes, first, runsOn) => feed({ t: "cdn-opened", fetch, bytes, from: first, runsOn }),
        block(index, bytes) {
          audit.cdnBytes(bytes.byteLength);
          feed({ t: "cdn-block", fetch, index, bytes });
          feed({ t: "cdn-digest", fetch, segment: segmentId(key), index, digest: stream.digestOf(bytes) });
        },
        done: () => over({ t: "cdn-done", fetch, stray: 0 }),
        failed: (fault) => over({ t: "cdn-failed", fetch, stray: 0, fault }),
      });
      transfers.set(fetch, transfer);
    },
    abort: (fetch) => feed({ t: "cdn-aborted", fetch, stray: stop(fetch) }),
    close: () => [...transfers.keys()].reduce((untold, fetch) => untold + stop(fetch), 0),
  };
}
