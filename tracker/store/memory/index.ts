import type { PeerId, SwarmId } from "../../protocol/index.ts";
import type { Random } from "../../swarm/index.ts";
import { LEASE_MS, type Mail, type NodeId, nodeOf, type SwarmStore } from "../port.ts";
import { Leases } from "./leases.ts";
import { MemorySwarm } from "./swarm.ts";

export type MemoryStoreOptions = {
  /** Milliseconds, of a clock that nobody sets. */
  readonly clock?: () => number;
  readonly random?: Random;
  readonly leaseMs?: number;
};

/** Swarms in this process's memory: everything a single tracker needs. A swarm ends with its last member. */
export function createMemoryStore(options: MemoryStoreOptions = {}): SwarmStore {
  const { clock = () => Math.floor(performance.now()), random = Math.random, leaseMs = LEASE_MS } = options;
  const swarms = new Map<SwarmId, MemorySwarm>();
  const mailboxes = new Map<NodeId, (mail: Mail) => void>();
  let leases = new Leases(leaseMs);

  const remove = (swarm: SwarmId, peer: PeerId): void => {
    const home = swarms.get(swarm);
    if (!home?.get(peer)) return;
    home.remove(peer);
    leases.end(peer);
    if (home.size() === 0) swarms.delete(swarm);
  };
  const open = (swarm: SwarmId): MemorySwarm => {
    const home = swarms.get(swarm) ?? new MemorySwarm();
    swarms.set(swarm, home);
    return home;
  };
  /** The swarm without members whose lease ran out. */
  const current = (swarm: SwarmId): MemorySwarm | undefined => {
    for (const expired of leases.takeExpired(clock())) remove(expired.swarm, expired.peer);
    return swarms.get(swarm);
  };

  return {
    kind: "own",
    async attach(node, deliver) {
      if (mailboxes.has(node)) return "taken";
      mailboxes.set(node, deliver);
      return "attached";
    },
    async detach(node) {
      mailboxes.delete(node);
    },
    async isAttached(node) {
      return mailboxes.has(node);
    },
    async join(swarm, member) {
      current(swarm);
      const home = open(swarm);
      home.put(member);
      leases.start(swarm, member.id, clock());
      return home.candidates(member, random);
    },
    async leave(swarm, peer) {
      remove(swarm, peer);
    },
    async candidates(swarm, self) {
      return current(swarm)?.candidates(self, random) ?? { size: 0, candidates: [] };
    },
    async size(swarm) {
      return current(swarm)?.size() ?? 0;
    },
    async lookup(swarm, peer) {
      return current(swarm)?.get(peer);
    },
    async renew(swarm, peers) {
      current(swarm);
      const now = clock();
      return peers.filter((peer) => leases.renew(swarm, peer, now) === "lost");
    },
    async post(mail) {
      const deliver = mailboxes.get(nodeOf(mail.to));
      if (!deliver) return "gone";
      deliver(mail);
      return "posted";
    },
    async publish(swarm, claim) {
      current(swarm)?.ledger.claim(claim);
    },
    async digests(swarm, segments) {
      const home = current(swarm);
      return segments.map((segment) => home?.ledger.verdict(segment) ?? { verdict: "unknown", segment });
    },
    isAlone: () => false,
    async ready() {
      return "ready";
    },
    async close() {
      swarms.clear();
      leases = new Leases(leaseMs);
      mailboxes.clear();
    },
  };
}
