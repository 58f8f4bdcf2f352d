import { describe, expect, test } from "vitest";
import type { Mail, NodeId, SwarmStore } from "../../../tracker/store/index.ts";
import { nodeOf } from "../../../tracker/store/index.ts";
import { digest, member, peerId, segmentId, swarmId } from "../../unit/tracker/support/values.ts";

/** A store to be tried, with a way to let time pass for it. */
export type StoreUnderTest = {
  readonly store: SwarmStore;
  /** How long its leases last, in milliseconds. */
  readonly leaseMs: number;
  readonly advance: (ms: number) => Promise<void>;
};

const HERE = swarmId("here");
const THERE = swarmId("there");
const ids = (members: readonly { id: string }[]): string[] => members.map(({ id }) => id).sort();

/** What every store must do, whatever it is made of. `create` gives an empty one for each test and ends it with the test. */
export function describeStore(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a swarm store`, () => {
    membership(create);
    matching(create);
    leases(create);
    mail(create);
    digests(create);
  });
}

type Create = () => Promise<StoreUnderTest>;

function membership(create: Create): void {
  test("a join answers with the size and the others, and a leave takes one out", async () => {
    const { store } = await create();
    expect(await store.join(HERE, member("a"))).toEqual({ size: 1, candidates: [] });
    expect(await store.join(HERE, member("b"))).toEqual({ size: 2, candidates: [member("a")] });
    expect(await store.candidates(HERE, member("a"))).toEqual({ size: 2, candidates: [member("b")] });
    await store.leave(HERE, peerId("a"));
    expect(await store.candidates(HERE, member("b"))).toEqual({ size: 1, candidates: [] });
    expect(await store.size(HERE)).toBe(1);
  });

  test("members come back as they were, the optional parts of their place too", async () => {
    const { store } = await create();
    const locality = { address: "x", prefix: "y", as: 64500, country: "NZ" };
    const full = member("a", { locality, upload: "receive", joinedAt: 1_700_000_000_123 });
    await store.join(HERE, full);
    await store.join(HERE, member("b"));
    expect(await store.lookup(HERE, full.id)).toEqual(full);
    expect((await store.candidates(HERE, member("b"))).candidates).toEqual([full]);
    const bare = await store.lookup(HERE, peerId("b"));
    expect(bare && Object.keys(bare.locality).sort()).toEqual(["address", "prefix"]);
  });

  test("swarms are apart, and an unknown one is empty", async () => {
    const { store } = await create();
    await store.join(HERE, member("a"));
    expect(await store.join(THERE, member("b"))).toEqual({ size: 1, candidates: [] });
    expect(await store.size(swarmId("nowhere"))).toBe(0);
    expect(await store.lookup(THERE, peerId("a"))).toBeUndefined();
    expect(await store.candidates(swarmId("nowhere"), member("c"))).toEqual({ size: 0, candidates: [] });
  });

  test("joining again replaces, leaving again does nothing, leaving another swarm neither", async () => {
    const { store } = await create();
    await store.join(HERE, member("a"));
    const moved = member("a", { upload: "receive", locality: { address: "new", prefix: "new" } });
    expect((await store.join(HERE, moved)).size).toBe(1);
    expect(await store.lookup(HERE, moved.id)).toEqual(moved);
    await store.leave(THERE, moved.id);
    expect(await store.size(HERE)).toBe(1);
    await store.leave(HERE, moved.id);
    await store.leave(HERE, moved.id);
    expect(await store.size(HERE)).toBe(0);
  });
}

function matching(create: Create): void {
  test("candidates are others of the swarm, once each, however near they are", async () => {
    const { store } = await create();
    const locality = { address: "same", prefix: "same", as: 1, country: "AQ" };
    for (let viewer = 0; viewer < 200; viewer++) await store.join(HERE, member(`v${viewer}`, { locality }));
    const self = member("v7", { locality });
    for (let draw = 0; draw < 20; draw++) {
      const { candidates } = await store.candidates(HERE, self);
      expect(new Set(ids(candidates)).size).toBe(candidates.length);
      expect(ids(candidates)).not.toContain(self.id);
      expect(candidates.length).toBeGreaterThanOrEqual(48);
    }
  });

  test("a neighbour behind the same address is found among thousands", async () => {
    const { store } = await create();
    const at = (address: string, prefix: string, as: number, country: string) => ({
      locality: { address, prefix, as, country },
    });
    const near = [
      member("same address", at("a", "p", 1, "FJ")),
      member("same prefix", at("b", "p", 1, "FJ")),
      member("same operator", at("c", "q", 1, "FJ")),
      member("same country", at("d", "r", 2, "FJ")),
    ];
    for (const one of near) await store.join(HERE, one);
    for (let viewer = 0; viewer < 3000; viewer++) await store.join(HERE, member(`v${viewer}`));
    const { candidates } = await store.join(HERE, member("self", at("a", "p", 1, "FJ")));
    expect(ids(candidates)).toEqual(expect.arrayContaining(ids(near)));
  });

  test("who joins again from elsewhere is no longer found where it was", async () => {
    const { store } = await create();
    const at = (address: string) => ({ locality: { address, prefix: address } });
    await store.join(HERE, member("mover", at("old")));
    await store.join(HERE, member("mover", at("new")));
    for (let viewer = 0; viewer < 3000; viewer++) await store.join(HERE, member(`v${viewer}`));
    const draws: boolean[] = [];
    for (let draw = 0; draw < 5; draw++) {
      const { candidates } = await store.candidates(HERE, member("self", at("old")));
      draws.push(ids(candidates).includes(peerId("mover")));
    }
    // By chance it is drawn one time in sixty; five in a row are no chance.
    expect(draws).toContain(false);
  });

  test("everybody can be met: no member is forgotten, first or last", async () => {
    const { store } = await create();
    const others = Array.from({ length: 300 }, (_, index) => member(`v${index}`));
    for (const other of others) await store.join(HERE, other);
    const met = new Set<string>();
    for (let draw = 0; draw < 150; draw++)
      for (const id of ids((await store.candidates(HERE, member("x"))).candidates)) met.add(id);
    expect(met.size).toBe(others.length);
  });
}

function leases(create: Create): void {
  test("a member without a renewal is gone when its lease ends; a renewed one stays", async () => {
    const { store, leaseMs, advance } = await create();
    await store.join(HERE, member("kept"));
    await store.join(HERE, member("left alone"));
    await advance(leaseMs * 0.7);
    expect(await store.renew([{ swarm: HERE, peers: [peerId("kept")] }])).toEqual([]);
    expect(await store.size(HERE)).toBe(2);
    await advance(leaseMs * 0.7);
    expect(await store.size(HERE)).toBe(1);
    expect(await store.lookup(HERE, peerId("left alone"))).toBeUndefined();
    expect((await store.join(HERE, member("new"))).candidates).toEqual([member("kept")]);
  });

  test("a renewal names those that it came too late for, swarm by swarm", async () => {
    const { store, leaseMs, advance } = await create();
    await store.join(HERE, member("a"));
    await advance(leaseMs * 1.2);
    await store.join(HERE, member("b"));
    await store.join(THERE, member("c"));
    const lost = await store.renew([
      { swarm: HERE, peers: [peerId("a"), peerId("b")] },
      { swarm: THERE, peers: [peerId("c")] },
    ]);
    expect(lost).toEqual([{ swarm: HERE, peers: [peerId("a")] }]);
    await store.join(HERE, member("a"));
    expect(await store.size(HERE)).toBe(2);
  });
}

function mail(create: Create): void {
  const node = (name: string): NodeId => nodeOf(peerId("any", name));

  test("mail reaches the process of its addressee, whole and in order, and no other", async () => {
    const { store } = await create();
    const inbox = { one: [] as Mail[], two: [] as Mail[] };
    expect(await store.attach(node("one1"), (mail) => inbox.one.push(mail))).toBe("attached");
    expect(await store.attach(node("two2"), (mail) => inbox.two.push(mail))).toBe("attached");
    const to = peerId("b", "two2");
    const from = peerId("a", "one1");
    const sent: Mail[] = [
      { kind: "introduced", to, neighbour: { id: from, near: "lan", upload: "share" } },
      ...Array.from({ length: 50 }, (_, index): Mail => ({ kind: "signal", to, from, payload: `\u20ac"${index}\n` })),
      { kind: "gone", to, peer: from },
    ];
    for (const one of sent) expect(await store.post(one)).toBe("posted");
    await expect.poll(() => inbox.two.length).toBe(sent.length);
    expect(inbox.two).toEqual(sent);
    expect(inbox.one).toEqual([]);
  });

  test("a name is taken while its process lives, and mail for one that is gone says so", async () => {
    const { store } = await create();
    const letter: Mail = { kind: "gone", to: peerId("x", "one1"), peer: peerId("y") };
    expect(await store.post(letter)).toBe("gone");
    expect(await store.attach(node("one1"), () => undefined)).toBe("attached");
    expect(await store.attach(node("one1"), () => undefined)).toBe("taken");
    expect(await store.post(letter)).toBe("posted");
    await store.detach(node("one1"));
    expect(await store.post(letter)).toBe("gone");
    expect(await store.attach(node("one1"), () => undefined)).toBe("attached");
  });
}

function digests(create: Create): void {
  const claim = (viewer: string, names: string[], fields: { from?: number; bytes?: number } = {}) => ({
    viewer: peerId(viewer),
    segment: segmentId("s"),
    bytes: 100_000,
    from: 0,
    digests: names.map(digest),
    ...fields,
  });
  const verdict = async (store: SwarmStore) => (await store.digests(HERE, [segmentId("s")]))[0];

  test("claims add up to one verdict, and repeats change nothing", async () => {
    const { store } = await create();
    await store.join(HERE, member("a"));
    expect(await verdict(store)).toEqual({ verdict: "unknown", segment: "s" });
    await store.publish(HERE, claim("a", ["0"]));
    await store.publish(HERE, claim("b", ["2"], { from: 2 }));
    await store.publish(HERE, claim("a", ["0"]));
    const agreed = { verdict: "agreed", segment: "s", bytes: 100_000, digests: [digest("0"), null, digest("2")] };
    expect(await verdict(store)).toEqual(agreed);
    expect(await store.digests(HERE, [segmentId("t"), segmentId("s")])).toEqual([
      { verdict: "unknown", segment: "t" },
      agreed,
    ]);
    expect((await store.digests(THERE, [segmentId("s")]))[0]?.verdict).toBe("unknown");
  });

  test.each([
    ["another digest", claim("b", ["other"])],
    ["another size", claim("b", ["0"], { bytes: 5 })],
  ])("another viewer's %s is a conflict that stays", async (_, contrary) => {
    const { store } = await create();
    await store.join(HERE, member("a"));
    await store.publish(HERE, claim("a", ["0"]));
    await store.publish(HERE, contrary);
    expect(await verdict(store)).toEqual({ verdict: "conflict", segment: "s" });
    await store.publish(HERE, claim("a", ["0"]));
    expect(await verdict(store)).toEqual({ verdict: "conflict", segment: "s" });
  });

  test("a viewer that contradicts only itself changes nothing", async () => {
    const { store } = await create();
    await store.join(HERE, member("a"));
    await store.publish(HERE, claim("a", ["0"]));
    await store.publish(HERE, claim("a", ["other"]));
    await store.publish(HERE, claim("a", ["0"], { bytes: 5 }));
    expect(await verdict(store)).toMatchObject({ verdict: "agreed", bytes: 100_000, digests: [digest("0")] });
  });
}
