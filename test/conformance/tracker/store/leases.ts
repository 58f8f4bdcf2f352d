import { expect, test } from "vitest";
import { member, peerId } from "../../../unit/tracker/support/values.ts";
import { type Create, HERE, ids, joinAll, some, THERE } from "./setting.ts";

export function leases(create: Create): void {
  test("a member without a renewal is gone when its lease ends; a renewed one stays", async () => {
    const { store, leaseMs, advance } = await create("short");
    await store.join(HERE, member("kept"));
    await store.join(HERE, member("left alone"));
    await advance(leaseMs * 0.7);
    expect(await store.renew(HERE, [peerId("kept")])).toEqual([]);
    expect(await store.size(HERE)).toBe(2);
    await advance(leaseMs * 0.7);
    expect(await store.size(HERE)).toBe(1);
    expect(await store.lookup(HERE, peerId("left alone"))).toBeUndefined();
    expect((await store.join(HERE, member("new"))).candidates).toEqual([member("kept")]);
  });

  test("a renewal names those that it came too late for", async () => {
    const { store, leaseMs, advance } = await create("short");
    await store.join(HERE, member("a"));
    await advance(leaseMs * 1.2);
    await store.join(HERE, member("b"));
    await store.join(THERE, member("c"));
    expect(await store.renew(HERE, [peerId("a"), peerId("b"), peerId("c")])).toEqual([peerId("a"), peerId("c")]);
    expect(await store.renew(THERE, [peerId("c")])).toEqual([]);
    await store.join(HERE, member("a"));
    expect(await store.size(HERE)).toBe(2);
  });

  test("hundreds whose leases run out together are handed out no more, from that moment on", async () => {
    const { store, leaseMs, advance } = await create("short");
    const place = { address: "office", prefix: "office", as: 7, country: "WS" };
    const crowd = some(200, (index) => member(`gone${index}`, { locality: place }));
    await joinAll(store, crowd);
    await advance(leaseMs * 0.6);
    const stayed = some(20, (index) => member(`here${index}`, { locality: place }));
    await joinAll(store, stayed);
    await advance(leaseMs * 0.6);
    const { size, candidates } = await store.candidates(HERE, member("self", { locality: place }));
    expect(size).toBe(stayed.length);
    const gone = new Set(ids(crowd));
    expect(ids(candidates).filter((id) => gone.has(id))).toEqual([]);
    const joined = await store.join(HERE, member("new", { locality: place }));
    expect(joined.size).toBe(stayed.length + 1);
    expect(ids(joined.candidates).filter((id) => gone.has(id))).toEqual([]);
    expect((await store.lookup(HERE, peerId("gone7")))?.id).toBeUndefined();
    expect(await store.renew(HERE, [peerId("gone7"), peerId("here7")])).toEqual([peerId("gone7")]);
  });

  test("a lease that ran out does not end the same member's new one", async () => {
    const { store, leaseMs, advance } = await create("short");
    await store.join(HERE, member("a"));
    await advance(leaseMs * 0.7);
    await store.join(HERE, member("a"));
    await store.join(HERE, member("b"));
    await advance(leaseMs * 0.7);
    expect(await store.size(HERE)).toBe(2);
    expect(ids((await store.candidates(HERE, member("b"))).candidates)).toEqual([peerId("a")]);
    expect(await store.renew(HERE, [peerId("a")])).toEqual([]);
  });
}
