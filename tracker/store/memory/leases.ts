import type { PeerId, SwarmId } from "../../protocol/index.ts";
import { WideMap } from "../../swarm/index.ts";

type Lease = { readonly swarm: SwarmId; readonly peer: PeerId; until: number };

/** A row is cut when so much of it has been seen to. */
const SEEN_TO = 4096;

/**
 * Leases that all last equally long. Each start and each renewal puts the lease at the end of a row, which is cheaper than to take it
 * from where it stood; at the front, all but the last of these mean nothing any more.
 */
export class Leases {
  private readonly held = new WideMap<PeerId, Lease>();
  /** With the moments at which they would end, soonest first. Those before `at` have been seen to. */
  private row: Lease[] = [];
  private ends: number[] = [];
  private at = 0;
  private readonly leaseMs: number;

  /** `leaseMs`: how long each lasts, in milliseconds. */
  constructor(leaseMs: number) {
    this.leaseMs = leaseMs;
  }

  /** Starts a lease or, where there is one, prolongs it: who starts it again and again takes 16 bytes each time, for as long as one lasts. */
  start(swarm: SwarmId, peer: PeerId, now: number): void {
    if (this.renew(swarm, peer, now) === "renewed") return;
    const lease = { swarm, peer, until: now };
    this.held.set(peer, lease);
    this.prolong(lease, now);
  }

  /** `lost`: there is none to be renewed. */
  renew(swarm: SwarmId, peer: PeerId, now: number): "renewed" | "lost" {
    const lease = this.held.get(peer);
    if (lease?.swarm !== swarm) return "lost";
    this.prolong(lease, now);
    return "renewed";
  }

  end(peer: PeerId): void {
    this.held.delete(peer);
  }

  /** Ends those that have run out, and says whose they were. */
  takeExpired(now: number): readonly Pick<Lease, "swarm" | "peer">[] {
    const expired: Lease[] = [];
    for (; (this.ends[this.at] ?? Number.POSITIVE_INFINITY) <= now; this.at += 1) {
      const lease = this.row[this.at];
      if (!lease || lease.until > now || this.held.get(lease.peer) !== lease) continue;
      this.held.delete(lease.peer);
      expired.push(lease);
    }
    if (this.at > SEEN_TO) {
      this.row = this.row.slice(this.at);
      this.ends = this.ends.slice(this.at);
      this.at = 0;
    }
    return expired;
  }

  private prolong(lease: Lease, now: number): void {
    lease.until = now + this.leaseMs;
    this.row.push(lease);
    this.ends.push(lease.until);
  }
}
