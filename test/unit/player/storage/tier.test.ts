import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { DISK_LIMITS, type DiskTier, openDiskTier } from "../../../../player/storage/index.ts";
import { type FakeBrowser, fakeBrowser, quotaError } from "./fake-browser.ts";
import { id, segment } from "./segments.ts";

const KIB = 1024;
const { blockBytes } = PEER_LIMITS;

async function open(capBytes: number, browser: FakeBrowser = fakeBrowser()): Promise<DiskTier> {
  const tier = await openDiskTier({ capBytes, platform: browser });
  if (tier === undefined) throw new Error("the fake browser has room");
  return tier;
}

describe("what is kept", () => {
  it.each([0, 1, blockBytes - 1, blockBytes, blockBytes + 1, 3 * blockBytes, 3 * blockBytes + 5])(
    "comes back as the blocks it was: %i bytes",
    async (size) => {
      const tier = await open(4 * blockBytes);
      expect(await tier.put(id("v/1"), segment(size))).toEqual({ kind: "kept", dropped: [] });
      expect(tier.bytes()).toBe(size);
      expect(await tier.read(id("v/1"))).toEqual(segment(size));
    },
  );

  it("is found by its own id alone, whatever characters it has", async () => {
    const ids = fc.uniqueArray(
      fc.oneof(
        fc.stringMatching(/^[\x21-\x7e]{1,12}$/),
        fc.constantFrom("v/1", "v/2", "v/1?", "v/1#", "v/1#x", "v/./1", "v/../v/1", ".", "..", "%76/1", "v%2f1"),
      ),
      { minLength: 2, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(ids, async (names) => {
        const tier = await open(1024 * KIB);
        for (const [i, name] of names.entries()) await tier.put(id(name), segment(10, i));
        for (const [i, name] of names.entries()) expect(await tier.read(id(name))).toEqual(segment(10, i));
      }),
      { numRuns: 50 },
    );
  });

  it("is replaced by a newer copy, counted once, and is then the newest", async () => {
    const tier = await open(250 * KIB);
    await tier.put(id("v/1"), segment(100 * KIB, 1));
    await tier.put(id("v/2"), segment(100 * KIB, 2));
    expect(await tier.put(id("v/1"), segment(90 * KIB, 9))).toEqual({ kind: "kept", dropped: [] });
    expect(tier.bytes()).toBe(190 * KIB);
    expect(await tier.read(id("v/1"))).toEqual(segment(90 * KIB, 9));
    expect(await tier.put(id("v/3"), segment(100 * KIB, 3))).toEqual({ kind: "kept", dropped: ["v/2"] });
  });
});

describe("the cap", () => {
  it("lets the oldest go, as many as it takes, and names them", async () => {
    const browser = fakeBrowser();
    const tier = await open(300 * KIB, browser);
    for (const n of [1, 2, 3]) await tier.put(id(`v/${n}`), segment(100 * KIB, n));
    expect(await tier.put(id("v/4"), segment(150 * KIB))).toEqual({ kind: "kept", dropped: ["v/1", "v/2"] });
    expect(tier.bytes()).toBe(250 * KIB);
    expect(browser.usage()).toBe(250 * KIB);
    expect(await tier.read(id("v/1"))).toBeUndefined();
    expect(await tier.read(id("v/3"))).toEqual(segment(100 * KIB, 3));
  });

  it("makes room before it writes", async () => {
    const browser = fakeBrowser();
    const tier = await open(100 * KIB, browser);
    await tier.put(id("v/1"), segment(100 * KIB));
    browser.done.length = 0;
    await tier.put(id("v/2"), segment(100 * KIB));
    expect(browser.done).toEqual(["delete v/1", "put v/2"]);
  });

  it("refuses what can never fit, without letting others go", async () => {
    const tier = await open(100 * KIB);
    await tier.put(id("v/1"), segment(100 * KIB));
    expect(await tier.put(id("v/2"), segment(100 * KIB + 1))).toEqual({
      kind: "refused",
      reason: "too-big",
      dropped: [],
    });
    expect(tier.bytes()).toBe(100 * KIB);
  });

  it("is never more than its share of the free quota", async () => {
    const quota = 1e9;
    const tier = await open(Number.POSITIVE_INFINITY, fakeBrowser({ quota, usedByOthers: quota / 4 }));
    const share = quota * 0.75 * DISK_LIMITS.freeShare;
    const large = Math.floor(share / 2);
    await tier.put(id("v/1"), [new Uint8Array(large)]);
    await tier.put(id("v/2"), [new Uint8Array(large)]);
    expect(await tier.put(id("v/3"), [new Uint8Array(large)])).toEqual({ kind: "kept", dropped: ["v/1"] });
    expect(tier.bytes()).toBeLessThanOrEqual(share);
  });
});

describe("order", () => {
  it("is that of the calls, though none waits for another", async () => {
    const browser = fakeBrowser();
    const tier = await open(1024 * KIB, browser);
    const write = browser.holdWrites();
    browser.done.length = 0;
    const answers = [tier.read(id("v/1")), tier.put(id("v/1"), segment(10)), tier.read(id("v/1"))];
    tier.remove(id("v/1"));
    answers.push(tier.read(id("v/1")), tier.put(id("v/1"), segment(20)), tier.read(id("v/1")));
    write();
    const kept = { kind: "kept", dropped: [] };
    expect(await Promise.all(answers)).toEqual([undefined, kept, segment(10), undefined, kept, segment(20)]);
    expect(browser.done).toEqual(["put v/1", "match v/1", "delete v/1", "put v/1", "match v/1"]);
    expect(tier.bytes()).toBe(20);
  });

  it("bounds the bytes that wait to be written, and takes more once they are", async () => {
    const browser = fakeBrowser();
    const tier = await open(1e9, browser);
    const write = browser.holdWrites();
    const half = [new Uint8Array(DISK_LIMITS.waitingBytes / 2)];
    const first = [tier.put(id("v/1"), half), tier.put(id("v/2"), half)];
    expect(await tier.put(id("v/3"), segment(1))).toEqual({ kind: "refused", reason: "busy", dropped: [] });
    write();
    expect(await Promise.all(first)).toEqual([
      { kind: "kept", dropped: [] },
      { kind: "kept", dropped: [] },
    ]);
    expect(await tier.put(id("v/3"), segment(1))).toMatchObject({ kind: "kept" });
  });

  it("takes a segment larger than that when nothing else waits", async () => {
    const tier = await open(1e9);
    expect(await tier.put(id("v/1"), [new Uint8Array(DISK_LIMITS.waitingBytes + 1)])).toMatchObject({ kind: "kept" });
  });
});

describe("a browser that refuses", () => {
  it("for want of quota: from then on newcomers take the room of the oldest", async () => {
    const tier = await open(1024 * KIB, fakeBrowser({ enforced: 250 * KIB, quota: 10e9 }));
    await tier.put(id("v/1"), segment(100 * KIB, 1));
    await tier.put(id("v/2"), segment(100 * KIB, 2));
    expect(await tier.put(id("v/3"), segment(100 * KIB, 3))).toEqual({ kind: "refused", reason: "quota", dropped: [] });
    expect(tier.bytes()).toBe(200 * KIB);
    expect(await tier.put(id("v/3"), segment(100 * KIB, 3))).toEqual({ kind: "kept", dropped: ["v/1"] });
    expect(await tier.read(id("v/3"))).toEqual(segment(100 * KIB, 3));
    expect(await tier.put(id("v/4"), segment(201 * KIB))).toEqual({ kind: "refused", reason: "quota", dropped: [] });
  });

  it("after others made room: says which are gone", async () => {
    const browser = fakeBrowser();
    const tier = await open(200 * KIB, browser);
    await tier.put(id("v/1"), segment(100 * KIB));
    await tier.put(id("v/2"), segment(100 * KIB));
    browser.fail("put", quotaError());
    expect(await tier.put(id("v/3"), segment(50 * KIB))).toEqual({
      kind: "refused",
      reason: "quota",
      dropped: ["v/1"],
    });
    expect(tier.bytes()).toBe(100 * KIB);
  });

  it("for another reason: the next may work", async () => {
    const browser = fakeBrowser();
    const tier = await open(200 * KIB, browser);
    browser.fail("put", new TypeError("broken"));
    expect(await tier.put(id("v/1"), segment(10))).toEqual({ kind: "refused", reason: "failed", dropped: [] });
    expect(tier.bytes()).toBe(0);
    browser.fail("put");
    expect(await tier.put(id("v/1"), segment(10))).toMatchObject({ kind: "kept" });
  });

  it("to delete: what may still lie there goes on being counted", async () => {
    const browser = fakeBrowser();
    const tier = await open(100 * KIB, browser);
    await tier.put(id("v/1"), segment(100 * KIB));
    browser.fail("delete", new TypeError("broken"));
    expect(await tier.put(id("v/2"), segment(10))).toEqual({ kind: "refused", reason: "failed", dropped: ["v/1"] });
    tier.remove(id("v/1"));
    expect(await tier.read(id("v/1"))).toBeUndefined();
    expect(tier.bytes()).toBe(browser.usage());
  });
});

describe("a segment that the browser lost", () => {
  it.each<[string, (browser: FakeBrowser) => void]>([
    ["as a whole", ({ stored }) => [...stored.values()].map((cache) => cache.clear())],
    [
      "in part",
      ({ stored }) =>
        [...stored.values()].map((cache) => [...cache.keys()].map((k) => cache.set(k, new Uint8Array(9)))),
    ],
    ["to a read error", ({ fail }) => fail("match", new TypeError("broken"))],
  ])("%s is not there any more", async (_, lose) => {
    const browser = fakeBrowser();
    const tier = await open(100 * KIB, browser);
    await tier.put(id("v/1"), segment(10));
    lose(browser);
    expect(await tier.read(id("v/1"))).toBeUndefined();
    expect(tier.bytes()).toBe(0);
    expect(browser.usage()).toBe(0);
  });
});
