import type { Lease } from "../store/index.ts";
import type { Context } from "./context.ts";
import { noteStoreFailure } from "./store-failure.ts";

/** Members renewed in one call to the store. */
const LEASES_PER_CALL = 512;

type LeaseContext = Pick<Context, "store" | "registry" | "sizeNews" | "timings" | "log" | "metrics">;

/** Renews the leases of this process's viewers until stopped. */
export function startLeases(context: LeaseContext): { readonly stop: () => void } {
  let running = false;
  const timer = setInterval(() => {
    // A slow store is not asked twice at once.
    if (running) return;
    running = true;
    renewAll(context)
      .catch((error: unknown) => noteStoreFailure(context, "renew", error))
      .finally(() => {
        running = false;
      });
  }, context.timings.renewMs);
  return { stop: () => clearInterval(timer) };
}

/** Renews every lease once, brings back members that the store has lost, and looks for news from other processes. */
export async function renewAll(context: LeaseContext): Promise<void> {
  for (const leases of inCalls(context.registry.swarms())) {
    for (const lost of await context.store.renew(leases)) await rejoin(context, lost);
    for (const { swarm } of leases) context.sizeNews.touch(swarm);
  }
}

async function rejoin({ store, registry }: LeaseContext, { swarm, peers }: Lease): Promise<void> {
  for (const peer of peers) {
    const state = registry.find(peer)?.state();
    if (state?.kind !== "joined") continue;
    await store.join(swarm, state.viewer.member);
    if (!registry.find(peer)) await store.leave(swarm, peer);
  }
}

function* inCalls(swarms: ReturnType<Context["registry"]["swarms"]>): Generator<Lease[]> {
  let call: Lease[] = [];
  let count = 0;
  for (const [swarm, viewers] of [...swarms]) {
    const peers = [...viewers.keys()];
    for (let from = 0; from < peers.length; from += LEASES_PER_CALL) {
      const part = peers.slice(from, from + LEASES_PER_CALL);
      if (count + part.length > LEASES_PER_CALL) {
        yield call;
        call = [];
        count = 0;
      }
      call.push({ swarm, peers: part });
      count += part.length;
    }
  }
  if (call.length > 0) yield call;
}
