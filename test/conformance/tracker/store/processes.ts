import { expect, test } from "vitest";
import { digest, member, peerId, segmentId } from "../../../unit/tracker/support/values.ts";
import { type Create, HERE, some } from "./setting.ts";

/** What two processes see of each other. */
export function processes(create: Create): void {
  test("viewers of two processes are members of one swarm", async () => {
    const { store, other } = await create();
    await store.join(HERE, member("a", {}, "one1"));
    const joined = await other.join(HERE, member("b", {}, "two2"));
    expect(joined).toEqual({ size: 2, candidates: [member("a", {}, "one1")] });
    expect((await store.candidates(HERE, member("a", {}, "one1"))).candidates).toEqual([member("b", {}, "two2")]);
    expect(await other.renew(HERE, [peerId("b", "two2")])).toEqual([]);
    await store.leave(HERE, peerId("a", "one1"));
    expect((await other.candidates(HERE, member("b", {}, "two2"))).candidates).toEqual([]);
  });

  test("who joins again is seen by others as it is now", async () => {
    const { store, other } = await create();
    await store.join(HERE, member("a"));
    await other.join(HERE, member("b"));
    const now = member("a", { giving: "receive", locality: { address: "new", prefix: "new" } });
    await store.join(HERE, now);
    expect((await other.candidates(HERE, member("b"))).candidates).toEqual([now]);
  });

  test("two processes join at once, and lose nobody", async () => {
    const { store, other } = await create();
    const members = some(200, (index) => member(`v${index}`, {}, index % 2 ? "one1" : "two2"));
    await Promise.all(members.map((one, index) => (index % 2 ? store : other).join(HERE, one)));
    expect(await store.size(HERE)).toBe(200);
    await Promise.all(members.map((one, index) => (index % 2 ? other : store).leave(HERE, one.id)));
    expect(await other.size(HERE)).toBe(0);
  });

  test("digests that one process was told, the other knows", async () => {
    const { store, other } = await create();
    await store.join(HERE, member("a"));
    const claim = { viewer: peerId("a"), segment: segmentId("s"), bytes: 9, from: 0, digests: [digest("d")] };
    await store.publish(HERE, claim);
    expect((await other.digests(HERE, [claim.segment]))[0]?.verdict).toBe("agreed");
    await other.publish(HERE, { ...claim, viewer: peerId("b"), digests: [digest("e")] });
    expect((await store.digests(HERE, [claim.segment]))[0]?.verdict).toBe("conflict");
  });
}
