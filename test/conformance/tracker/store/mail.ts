import { expect, test } from "vitest";
import { type Mail, type NodeId, nodeOf } from "../../../../tracker/store/index.ts";
import { peerId } from "../../../unit/tracker/support/values.ts";
import type { Create } from "./setting.ts";

export function mail(create: Create): void {
  const node = (name: string): NodeId => nodeOf(peerId("any", name));

  test("mail reaches the process of its addressee, whole and in order, and no other", async () => {
    const { store } = await create();
    const inbox = { one: [] as Mail[], two: [] as Mail[] };
    expect(await store.attach(node("one1"), (mail) => inbox.one.push(mail))).toBe("attached");
    expect(await store.attach(node("two2"), (mail) => inbox.two.push(mail))).toBe("attached");
    const to = peerId("b", "two2");
    const from = peerId("a", "one1");
    const sent: Mail[] = [
      { kind: "introduced", to, neighbour: { id: from, near: "lan", giving: "share" } },
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
    expect(await store.isAttached(node("one1"))).toBe(true);
    expect(await store.post(letter)).toBe("posted");
    await store.detach(node("one1"));
    expect(await store.isAttached(node("one1"))).toBe(false);
    expect(await store.post(letter)).toBe("gone");
    expect(await store.attach(node("one1"), () => undefined)).toBe("attached");
  });

  test("mail posted without waiting arrives in order, between both pairs of processes at once", async () => {
    const { store, other } = await create();
    const inbox = { one: [] as Mail[], two: [] as Mail[] };
    await store.attach(node("one1"), (mail) => inbox.one.push(mail));
    await other.attach(node("two2"), (mail) => inbox.two.push(mail));
    const signal = (index: number, from: string, to: string): Mail => ({
      kind: "signal",
      to: peerId("x", to),
      from: peerId("y", from),
      payload: `${index} ${"\u{1f41f}".repeat(index % 300)}`,
    });
    const eastward = Array.from({ length: 1500 }, (_, index) => signal(index, "one1", "two2"));
    const westward = Array.from({ length: 1500 }, (_, index) => signal(index, "two2", "one1"));
    const posted = eastward.flatMap((mail, index) => [store.post(mail), other.post(westward[index] ?? mail)]);
    expect(new Set(await Promise.all(posted))).toEqual(new Set(["posted"]));
    await expect.poll(() => inbox.one.length + inbox.two.length).toBe(3000);
    expect(inbox.two).toEqual(eastward);
    expect(inbox.one).toEqual(westward);
  });

  test("a name that one process has is taken for the other, until it is given up", async () => {
    const { store, other } = await create();
    expect(await store.attach(node("one1"), () => undefined)).toBe("attached");
    expect(await other.attach(node("one1"), () => undefined)).toBe("taken");
    await store.detach(node("one1"));
    expect(await other.attach(node("one1"), () => undefined)).toBe("attached");
  });

  test("a store that delivers to one viewer goes on when that fails for another", async () => {
    const { store, other } = await create();
    const heard: string[] = [];
    await other.attach(node("two2"), ({ to }) => {
      heard.push(to);
      if (heard.length === 1) throw new Error("this viewer's socket is broken");
    });
    const letter = (name: string): Mail => ({ kind: "gone", to: peerId(name, "two2"), peer: peerId("y") });
    await Promise.allSettled([store.post(letter("a")), store.post(letter("b"))]);
    await expect.poll(() => heard).toEqual([peerId("a", "two2"), peerId("b", "two2")]);
  });
}
