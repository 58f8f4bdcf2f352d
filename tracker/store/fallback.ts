import type { PeerId, SwarmId } from "../protocol/index.ts";
import type { Random } from "../swarm/index.ts";
import { MemorySwarm } from "./memory/swarm.ts";
import type { SwarmStore } from "./port.ts";

export type FallbackOptions = {
  readonly random?: Random;
  /** Told of each call that the shared store rejected and that was answered from memory. */
  readonly onFailure: (operation: "join" | "candidates" | "digests" | "publish" | "leave", error: unknown) => void;
};

/**
 * A store that goes on when a shared one does not: what `shared` rejects is answered from this process's memory, which knows
 * the viewers of this process alone. Those who joined meanwhile are named by `renew` as soon as the shared store is back, since it
 * has never heard of them. Mail, sizes and renewals have no other answer: those still reject.
 */
export function withFallback(shared: SwarmStore, options: FallbackOptions): SwarmStore {
  const { random = Math.random, onFailure } = options;
  const own = new Map<SwarmId, MemorySwarm>();
  let alone = false;

  const open = (swarm: SwarmId): MemorySwarm => {
    const home = own.get(swarm) ?? new MemorySwarm();
    own.set(swarm, home);
    return home;
  };
  const remove = (swarm: SwarmId, peer: PeerId): void => {
    const home = own.get(swarm);
    home?.remove(peer);
    if (home?.size() === 0) own.delete(swarm);
  };

  return {
    ...shared,
    async join(swarm, member) {
      open(swarm).put(member);
      try {
        return await shared.join(swarm, member);
      } catch (error) {
        onFailure("join", error);
        return own.get(swarm)?.candidates(member, random) ?? { size: 1, candidates: [] };
      }
    },
    async leave(swarm, peer) {
      remove(swarm, peer);
      // Its lease ends by itself.
      await shared.leave(swarm, peer).catch((error: unknown) => onFailure("leave", error));
    },
    async candidates(swarm, self) {
      try {
        return await shared.candidates(swarm, self);
      } catch (error) {
        onFailure("candidates", error);
        return own.get(swarm)?.candidates(self, random) ?? { size: 1, candidates: [] };
      }
    },
    async publish(swarm, claim) {
      try {
        await shared.publish(swarm, claim);
      } catch (error) {
        onFailure("publish", error);
        own.get(swarm)?.ledger.claim(claim);
      }
    },
    async digests(swarm, segments) {
      try {
        const verdicts = await shared.digests(swarm, segments);
        alone = false;
        return verdicts;
      } catch (error) {
        alone = true;
        onFailure("digests", error);
        const ledger = own.get(swarm)?.ledger;
        return segments.map((segment) => ledger?.verdict(segment) ?? { verdict: "unknown", segment });
      }
    },
    isAlone: () => alone,
    async ready() {
      try {
        const state = await shared.ready();
        return state === "ready" || "degraded" in state ? state : { degraded: state.reason };
      } catch (error) {
        return { degraded: String(error) };
      }
    },
    async close() {
      own.clear();
      await shared.close();
    },
  };
}
