import type { PeerId, SwarmId } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import type { Viewer } from "./viewer.ts";

/** The viewers whose sockets this process holds, by peer id and by swarm. */
export type Registry = {
  readonly add: (connection: Connection, viewer: Viewer) => void;
  readonly remove: (viewer: Viewer) => void;
  readonly find: (peer: PeerId) => Connection | undefined;
  readonly inSwarm: (swarm: SwarmId) => ReadonlyMap<PeerId, Connection>;
  readonly swarms: () => Iterable<readonly [SwarmId, ReadonlyMap<PeerId, Connection>]>;
  readonly connections: () => Iterable<Connection>;
  readonly viewers: () => number;
  readonly swarmCount: () => number;
};

const NOBODY: ReadonlyMap<PeerId, Connection> = new Map();

export function createRegistry(): Registry {
  const byPeer = new Map<PeerId, Connection>();
  const bySwarm = new Map<SwarmId, Map<PeerId, Connection>>();
  return {
    add(connection, { swarm, member }) {
      byPeer.set(member.id, connection);
      const home = bySwarm.get(swarm) ?? new Map<PeerId, Connection>();
      bySwarm.set(swarm, home.set(member.id, connection));
    },
    remove({ swarm, member }) {
      byPeer.delete(member.id);
      const home = bySwarm.get(swarm);
      home?.delete(member.id);
      if (home?.size === 0) bySwarm.delete(swarm);
    },
    find: (peer) => byPeer.get(peer),
    inSwarm: (swarm) => bySwarm.get(swarm) ?? NOBODY,
    swarms: () => bySwarm,
    connections: () => byPeer.values(),
    viewers: () => byPeer.size,
    swarmCount: () => bySwarm.size,
  };
}
