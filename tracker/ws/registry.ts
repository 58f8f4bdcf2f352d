import type { PeerId, SwarmId } from "../protocol/index.ts";
import { GIVING, type Giving, WideMap } from "../swarm/index.ts";
import type { Connection } from "./connection.ts";
import type { Viewer } from "./viewer.ts";

/** Connections by the peer id of their viewer. */
export type Connections = Pick<WideMap<PeerId, Connection>, "get" | "has" | "size" | "keys" | "values">;

/** The viewers whose sockets this process holds, by peer id, and those of them who are members of a swarm. */
export type Registry = {
  readonly add: (connection: Connection, viewer: Viewer) => void;
  /** Notes that a viewer is a member of its swarm, and that it is none any more. */
  readonly enter: (connection: Connection, viewer: Viewer) => void;
  readonly quit: (viewer: Viewer) => void;
  readonly isMember: (viewer: Viewer) => boolean;
  readonly remove: (viewer: Viewer) => void;
  readonly find: (peer: PeerId) => Connection | undefined;
  readonly inSwarm: (swarm: SwarmId) => Connections;
  readonly swarms: () => Iterable<readonly [SwarmId, Connections]>;
  readonly connections: () => Iterable<Connection>;
  /** How many there are of each kind. Counted when asked: whoever changes what it gives changes in place. */
  readonly viewers: () => ReadonlyMap<Giving, number>;
  readonly swarmCount: () => number;
};

const NOBODY: Connections = new WideMap();

export function createRegistry(): Registry {
  const byPeer = new WideMap<PeerId, Connection>();
  const bySwarm = new Map<SwarmId, WideMap<PeerId, Connection>>();
  const quit = ({ swarm, member }: Viewer): void => {
    const home = bySwarm.get(swarm);
    home?.delete(member.id);
    if (home?.size === 0) bySwarm.delete(swarm);
  };
  return {
    add(connection, { member }) {
      byPeer.set(member.id, connection);
    },
    enter(connection, { swarm, member }) {
      const home = bySwarm.get(swarm) ?? new WideMap<PeerId, Connection>();
      home.set(member.id, connection);
      bySwarm.set(swarm, home);
    },
    quit,
    isMember: ({ swarm, member }) => bySwarm.get(swarm)?.has(member.id) === true,
    remove(viewer) {
      byPeer.delete(viewer.member.id);
      quit(viewer);
    },
    find: (peer) => byPeer.get(peer),
    inSwarm: (swarm) => bySwarm.get(swarm) ?? NOBODY,
    swarms: () => bySwarm,
    connections: () => byPeer.values(),
    viewers() {
      const counts = new Map<Giving, number>(GIVING.map((giving) => [giving, 0]));
      for (const connection of byPeer.values()) {
        const giving = connection.viewer()?.member.giving;
        if (giving !== undefined) counts.set(giving, (counts.get(giving) ?? 0) + 1);
      }
      return counts;
    },
    swarmCount: () => bySwarm.size,
  };
}
