import type { SwarmId, TrackerMessage } from "../protocol/index.ts";
import type { SwarmStore } from "../store/index.ts";
import { EXACT_SIZE, isSizeStep } from "../swarm/index.ts";
import type { Connection } from "./connection.ts";
import { inGusts } from "./gusts.ts";
import type { Registry } from "./registry.ts";
import type { StoreFailures } from "./store-failures.ts";
import type { Timings } from "./timings.ts";

/** Tells viewers how big their swarm has become, at most once in `sizeMs` for each swarm. */
export type SizeNews = {
  /** The size may have changed. */
  readonly touch: (swarm: SwarmId) => void;
  readonly stop: () => void;
};

type Pending = { dirty: boolean; timer: NodeJS.Timeout };

type Parts = {
  readonly store: SwarmStore;
  readonly registry: Registry;
  readonly timings: Timings;
  readonly failures: StoreFailures;
};

export function createSizeNews({ store, registry, timings, failures }: Parts): SizeNews {
  const pending = new Map<SwarmId, Pending>();

  const tell = async (swarm: SwarmId): Promise<void> => {
    const size = await store.size(swarm);
    const text = JSON.stringify({ t: "swarm", size } satisfies TrackerMessage);
    await inGusts(registry.inSwarm(swarm).values(), (connection: Connection) => {
      const viewer = connection.joined();
      if (!viewer || !isSizeStep(viewer.toldSize, size)) return;
      viewer.toldSize = size;
      if (size < EXACT_SIZE) connection.sendOne(text);
      else connection.sendAlong(text);
    });
  };
  const wait = (swarm: SwarmId, ms: number): NodeJS.Timeout => setTimeout(() => elapsed(swarm), ms);
  const elapsed = (swarm: SwarmId): void => {
    const news = pending.get(swarm);
    if (!news?.dirty || registry.inSwarm(swarm).size === 0) {
      pending.delete(swarm);
      return;
    }
    news.dirty = false;
    news.timer = wait(swarm, timings.sizeMs);
    tell(swarm).catch((error: unknown) => failures.note("size", error));
  };

  return {
    touch(swarm) {
      const news = pending.get(swarm);
      if (news) news.dirty = true;
      else pending.set(swarm, { dirty: true, timer: wait(swarm, timings.sizeSettleMs) });
    },
    stop() {
      for (const { timer } of pending.values()) clearTimeout(timer);
      pending.clear();
    },
  };
}
