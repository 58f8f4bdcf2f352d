import { expect, test } from "vitest";
import { member, peerId, swarmId } from "../../../unit/tracker/support/values.ts";
import { type Create, HERE, THERE } from "./setting.ts";

export function membership(create: Create): void {
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
    const locality = { address: "x", prefix: "y", as: 64500, country: "NZ", group: "g" };
    const full = member("a", { locality, giving: "receive", joinedAt: 1_700_000_000_123 });
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
    const moved = member("a", { giving: "receive", locality: { address: "new", prefix: "new" } });
    expect((await store.join(HERE, moved)).size).toBe(1);
    expect(await store.lookup(HERE, moved.id)).toEqual(moved);
    await store.leave(THERE, moved.id);
    expect(await store.size(HERE)).toBe(1);
    await store.leave(HERE, moved.id);
    await store.leave(HERE, moved.id);
    expect(await store.size(HERE)).toBe(0);
  });
}
