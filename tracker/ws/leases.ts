import type { PeerId, SwarmId } from "../protocol/index.ts";
import type { Context } from "./context.ts";
import { othersFirst } from "./gusts.ts";

/** Members renewed in one call to the store. */
const LEASES_PER_CALL = 512;
/** Calls to the store at once. */
const CALLS_AT_ONCE = 64;

type LeaseContext = Pick<Context, "store" | "registry" | "sizeNews" | "timings" | "failures">;
type Part = { readonly swarm: SwarmId; readonly peers: readonly PeerId[] };

/** Renews the leases of this process's viewers until stopped; sooner again while the store does not take all of them. */
export function startLeases(context: LeaseContext): { readonly stop: () => void } {
  const { renewMs, retryMs } = context.timings;
  let stopped = false;
  const wait = (ms: number): NodeJS.Timeout => setTimeout(() => void round(), ms);
  const round = async (): Promise<void> => {
    const outcome = await renewAll(context);
    if (!stopped) timer = wait(outcome === "renewed" ? renewMs : Math.min(renewMs, retryMs));
  };
  let timer = wait(renewMs);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * Renews every lease once, brings back members that the store has lost, and looks for news from other processes. What fails
 * for one swarm is done for the others: they may live elsewhere.
 */
export async function renewAll(context: LeaseContext): Promise<"renewed" | "incomplete"> {
  let outcome: "renewed" | "incomplete" = "renewed";
  const fail = (error: unknown): void => {
    context.failures.note("renew", error);
    outcome = "incomplete";
  };
  const calls = new Set<Promise<void>>();
  for (const part of inCalls(context.registry.swarms())) {
    const call: Promise<void> = renew(context, part)
      .catch(fail)
      .finally(() => calls.delete(call));
    calls.add(call);
    // A store in this process has done it already: of a crowd's renewals only one call's worth holds up the others.
    await othersFirst();
    if (calls.size >= CALLS_AT_ONCE) await Promise.race(calls);
  }
  await Promise.all(calls);
  return outcome;
}

async function renew({ store, registry, sizeNews }: LeaseContext, { swarm, peers }: Part): Promise<void> {
  for (const peer of await store.renew(swarm, peers)) {
    const viewer = registry.inSwarm(swarm).get(peer)?.joined();
    if (!viewer) continue;
    await store.join(swarm, viewer.member);
    if (!registry.isMember(viewer)) await store.leave(swarm, peer);
  }
  sizeNews.touch(swarm);
}

function* inCalls(swarms: ReturnType<Context["registry"]["swarms"]>): Generator<Part> {
  for (const [swarm, viewers] of swarms) {
    const peers = [...viewers.keys()];
    for (let from = 0; from < peers.length; from += LEASES_PER_CALL) {
      yield { swarm, peers: peers.slice(from, from + LEASES_PER_CALL) };
    }
  }
}
