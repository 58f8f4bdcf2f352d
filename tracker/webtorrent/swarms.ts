import { SampleSet } from "../store/memory/sample-set.ts";
import type { Random } from "../swarm/index.ts";
import type { Counts, InfoHash, TorrentPeerId } from "./messages.ts";

/** One client in one swarm. `Owner` is whoever holds its socket. */
export type Member<Owner> = { readonly owner: Owner; readonly id: TorrentPeerId; seeds: boolean };

type Swarm<Owner> = {
  readonly members: Map<TorrentPeerId, Member<Owner>>;
  readonly ids: SampleSet<TorrentPeerId>;
  seeds: number;
};

/** Who is in which swarm, in this process's memory. A swarm ends with its last member. */
export type Swarms<Owner> = {
  readonly find: (hash: InfoHash, id: TorrentPeerId) => Member<Owner> | undefined;
  /** Adds a member, or notes whether one that is there seeds. Whoever holds the id already keeps it. */
  readonly put: (hash: InfoHash, member: Member<Owner>) => void;
  readonly remove: (hash: InfoHash, id: TorrentPeerId) => void;
  readonly counts: (hash: InfoHash) => Counts;
  /** Up to `count` members that are not `owner`'s, each as likely as any other. */
  readonly draw: (hash: InfoHash, owner: Owner, count: number) => Member<Owner>[];
  readonly size: () => number;
};

export function createSwarms<Owner>(random: Random): Swarms<Owner> {
  const swarms = new Map<InfoHash, Swarm<Owner>>();
  const open = (hash: InfoHash): Swarm<Owner> => {
    const known = swarms.get(hash) ?? { members: new Map(), ids: new SampleSet(), seeds: 0 };
    swarms.set(hash, known);
    return known;
  };
  return {
    size: () => swarms.size,
    find: (hash, id) => swarms.get(hash)?.members.get(id),
    put(hash, member) {
      const swarm = open(hash);
      const known = swarm.members.get(member.id);
      swarm.seeds += Number(member.seeds) - Number(known?.seeds ?? false);
      if (known) known.seeds = member.seeds;
      else swarm.members.set(member.id, member);
      swarm.ids.add(member.id);
    },
    remove(hash, id) {
      const swarm = swarms.get(hash);
      const member = swarm?.members.get(id);
      if (!swarm || !member) return;
      swarm.seeds -= Number(member.seeds);
      swarm.members.delete(id);
      swarm.ids.remove(id);
      if (swarm.members.size === 0) swarms.delete(hash);
    },
    counts(hash) {
      const swarm = swarms.get(hash);
      const complete = swarm?.seeds ?? 0;
      return { complete, incomplete: (swarm?.members.size ?? 0) - complete };
    },
    draw(hash, owner, count) {
      const swarm = swarms.get(hash);
      if (!swarm || count <= 0) return [];
      // One more than wanted: the owner's own id may be among them.
      const drawn = swarm.ids.draw(count + 1, random).flatMap((id) => swarm.members.get(id) ?? []);
      return drawn.filter((member) => member.owner !== owner).slice(0, count);
    },
  };
}
