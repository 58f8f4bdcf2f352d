import type { SwarmId } from "../../protocol/index.ts";
import type { NodeId } from "../port.ts";

/**
 * What things are called in Redis. What stands in braces decides on which node of a Redis Cluster a key lives (its hash tag),
 * so all of one swarm lives together, and all of one process.
 */
export type Keys = {
  readonly leases: (swarm: SwarmId) => string;
  readonly swarm: (swarm: SwarmId) => string;
  /** Leases and swarm, as scripts expect them. */
  readonly members: (swarm: SwarmId) => [string, string];
  /** Leases, swarm, digests and used digests, as scripts expect them. */
  readonly all: (swarm: SwarmId) => [string, string, string, string];
  /** The lease on a process's name. */
  readonly name: (node: NodeId) => string;
  /** The channel of a process's mailbox. */
  readonly mailbox: (node: NodeId) => string;
};

export function keysUnder(prefix: string): Keys {
  const key = (tag: string, what: string): string => `${prefix}:{${tag}}:${what}`;
  const leases = (swarm: SwarmId): string => key(swarm, "leases");
  const members = (swarm: SwarmId): string => key(swarm, "swarm");
  return {
    leases,
    swarm: members,
    members: (swarm) => [leases(swarm), members(swarm)],
    all: (swarm) => [leases(swarm), members(swarm), key(swarm, "digests"), key(swarm, "used")],
    name: (node) => key(`process-${node}`, "name"),
    mailbox: (node) => key(`process-${node}`, "mail"),
  };
}
