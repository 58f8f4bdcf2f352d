import { type Bucket, fullBucket, type Random, takeTokens } from "../swarm/index.ts";
import { ANNOUNCE_SECONDS, WEBTORRENT_LIMITS as LIMITS, OFFER_LIMIT } from "./limits.ts";
import type { Announce, Answer, Failure, InfoHash, Offer, Reply, Request, Scrape, TorrentPeerId } from "./messages.ts";
import { createSwarms } from "./swarms.ts";

/** An offer that was passed on, and may be answered once, by whom it was given to. */
type OpenOffer = { readonly by: TorrentPeerId; readonly until: number };

/** What the tracker knows of one client. It lives as long as its socket, and nobody else can speak for it. */
export type Client = {
  /** The id under which the client is in each of its swarms. */
  readonly swarms: Map<InfoHash, TorrentPeerId>;
  readonly openOffers: Map<string, OpenOffer>;
  readonly offers: Bucket;
};

export const createClient = (now: number): Client => ({
  swarms: new Map(),
  openOffers: new Map(),
  offers: fullBucket(OFFER_LIMIT, now),
});

/** What one request makes the tracker say, and to whom. */
export type Effect<C extends Client> = { readonly to: C; readonly reply: Reply; readonly failure?: Failure };

export type AnnouncerOptions<C extends Client> = {
  readonly random: Random;
  /** How many of `wanted` offers the client's address may still send to strangers. */
  readonly grant: (client: C, wanted: number) => number;
  /** False when the operator has switched sharing off: announcements are answered, and nobody meets anybody. */
  readonly sharing: () => boolean;
};

/** The WebTorrent tracker protocol without sockets and clock: requests and the time in, replies out. */
export type Announcer<C extends Client> = {
  readonly handle: (client: C, request: Request, now: number) => Effect<C>[];
  /** Takes a client out of all its swarms. */
  readonly leave: (client: C) => void;
  readonly swarmCount: () => number;
};

export function createAnnouncer<C extends Client>(options: AnnouncerOptions<C>): Announcer<C> {
  const swarms = createSwarms<C>(options.random);

  const fail = (to: C, failure: Failure, hash: InfoHash, why: string): Effect<C>[] => [
    { to, failure, reply: { action: "announce", info_hash: hash, "failure reason": `${failure}: ${why}` } },
  ];

  const announce = (client: C, message: Announce, now: number): Effect<C>[] => {
    const { info_hash: hash, peer_id: id } = message;
    const held = client.swarms.get(hash);
    const status = (): Effect<C> => ({
      to: client,
      reply: { action: "announce", info_hash: hash, interval: ANNOUNCE_SECONDS, ...swarms.counts(hash) },
    });
    if (held !== undefined && held !== id)
      return fail(client, "peer-id-changed", hash, "this socket has another id here");
    if (message.event === "stopped") {
      if (held !== undefined) quit(client, hash, held);
      return [status()];
    }
    if (held === undefined) {
      if (swarms.find(hash, id)) return fail(client, "peer-id-taken", hash, "another socket holds this peer id");
      if (client.swarms.size >= LIMITS.swarmsPerSocket) return fail(client, "too-many-swarms", hash, "leave one first");
      const counts = swarms.counts(hash);
      const isNew = counts.complete + counts.incomplete === 0;
      if (isNew && swarms.size() >= LIMITS.swarms) return fail(client, "full", hash, "no more swarms are taken");
      client.swarms.set(hash, id);
    }
    swarms.put(hash, { owner: client, id, seeds: message.left === 0 });
    return [status(), ...passOffers(client, message, now)];
  };

  /** Hands each offer to another member, chosen at random. */
  const passOffers = (
    client: C,
    { info_hash: hash, peer_id: id, offers, numwant }: Announce,
    now: number,
  ): Effect<C>[] => {
    if (!options.sharing()) return [];
    const wanted = Math.min(offers.length, numwant ?? offers.length);
    const others = swarms.draw(hash, client, wanted);
    const own = takeTokens(client.offers, OFFER_LIMIT, now, others.length);
    const granted = others.slice(0, options.grant(client, own));
    return granted.flatMap(({ owner, id: to }, index) => {
      const offer = offers[index];
      if (!offer) return [];
      remember(client, hash, offer, { by: to, until: now + LIMITS.offerMs });
      return [{ to: owner, reply: { action: "announce", info_hash: hash, peer_id: id, ...offer } } satisfies Effect<C>];
    });
  };

  const answer = (client: C, message: Answer, now: number): Effect<C>[] => {
    const { info_hash: hash, peer_id: id, to_peer_id, offer_id } = message;
    if (client.swarms.get(hash) !== id)
      return fail(client, "peer-id-taken", hash, "this socket does not hold this peer id");
    const to = swarms.find(hash, to_peer_id)?.owner;
    const key = hash + offer_id;
    const open = to?.openOffers.get(key);
    if (!to || open?.by !== id || open.until < now) {
      return fail(client, "unknown-offer", hash, "nobody here waits for this answer");
    }
    to.openOffers.delete(key);
    return [{ to, reply: { action: "announce", info_hash: hash, peer_id: id, offer_id, answer: message.answer } }];
  };

  const scrape = (client: C, { info_hash: hashes }: Scrape): Effect<C>[] => {
    const files = Object.fromEntries(hashes.map((hash) => [hash, { ...swarms.counts(hash), downloaded: 0 }]));
    return [{ to: client, reply: { action: "scrape", files } }];
  };

  const quit = (client: C, hash: InfoHash, id: TorrentPeerId): void => {
    client.swarms.delete(hash);
    swarms.remove(hash, id);
  };

  return {
    swarmCount: swarms.size,
    handle(client, request, now) {
      switch (request.kind) {
        case "announce":
          return announce(client, request.message, now);
        case "answer":
          return answer(client, request.message, now);
        case "scrape":
          return scrape(client, request.message);
        default:
          return request satisfies never;
      }
    },
    leave(client) {
      for (const [hash, id] of client.swarms) quit(client, hash, id);
      client.openOffers.clear();
    },
  };
}

function remember(client: Client, hash: InfoHash, { offer_id }: Offer, open: OpenOffer): void {
  client.openOffers.delete(hash + offer_id);
  client.openOffers.set(hash + offer_id, open);
  if (client.openOffers.size <= LIMITS.openOffers) return;
  const [oldest] = client.openOffers.keys();
  if (oldest !== undefined) client.openOffers.delete(oldest);
}
