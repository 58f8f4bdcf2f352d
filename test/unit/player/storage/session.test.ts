import { afterEach, describe, expect, it, vi } from "vitest";
import { DISK_LIMITS, openDiskTier } from "../../../../player/storage/index.ts";
import { NAME_PREFIX } from "../../../../player/storage/place.ts";
import { fakeBrowser } from "./fake-browser.ts";
import { id, segment } from "./segments.ts";

const CAP = 1_000_000;
const open = (platform: ReturnType<typeof fakeBrowser>) => openDiskTier({ capBytes: CAP, platform });

describe("opening", () => {
  it("removes what crashed sessions left, and nothing else", async () => {
    const browser = fakeBrowser();
    await (await open(browser))?.put(id("v/1"), segment(10));
    await (await open(browser))?.put(id("v/1"), segment(10));
    const crashed = [...browser.stored.keys()];
    browser.crash();
    await browser.caches.open("the-site's-own");
    await browser.caches.open(`not-${NAME_PREFIX}`);

    const living = await open(browser);
    await living?.put(id("v/2"), segment(20));
    const other = await open(browser);
    expect(crashed).toHaveLength(2);
    expect([...browser.stored.keys()]).not.toEqual(expect.arrayContaining([crashed[0]]));
    expect([...browser.stored.keys()]).not.toEqual(expect.arrayContaining([crashed[1]]));
    expect([...browser.stored.keys()]).toEqual(expect.arrayContaining(["the-site's-own", `not-${NAME_PREFIX}`]));
    expect(await living?.read(id("v/2"))).toEqual(segment(20));
    expect(await other?.read(id("v/2"))).toBeUndefined();
    expect([...browser.held]).toEqual([...browser.stored.keys()].filter((name) => name.startsWith(NAME_PREFIX)));
  });

  it("holds the lock before there is a cache that another could take for a leftover", async () => {
    const browser = fakeBrowser();
    await open(browser);
    expect(browser.done).toEqual(["keys", "lock", "open"]);
  });

  it("finds the room that leftovers took", async () => {
    const quota = DISK_LIMITS.leastBytes / DISK_LIMITS.freeShare + 100;
    const browser = fakeBrowser({ quota });
    await (await open(browser))?.put(id("v/1"), segment(101));
    expect(await open(browser)).toBeUndefined();
    browser.crash();
    expect(await open(browser)).toBeDefined();
  });

  it("has no place where the share of the quota is too small, and leaves no trace", async () => {
    const quota = DISK_LIMITS.leastBytes / DISK_LIMITS.freeShare - 1;
    const browser = fakeBrowser({ quota });
    expect(await open(browser)).toBeUndefined();
    expect(browser.stored.size).toBe(0);
    expect(browser.held.size).toBe(0);
  });

  it.each(["keys", "open"] as const)(
    "has no place where the browser forbids it (%s), and keeps no lock",
    async (operation) => {
      const browser = fakeBrowser();
      browser.fail(operation, new DOMException("forbidden", "SecurityError"));
      expect(await open(browser)).toBeUndefined();
      expect(browser.held.size).toBe(0);
    },
  );
});

describe("the browser's own platform", () => {
  afterEach(() => vi.unstubAllGlobals());
  const have = ({ caches, locks, estimate }: ReturnType<typeof fakeBrowser>) => ({
    caches,
    navigator: { locks, storage: { estimate } },
  });

  it("is used when all of it is there", async () => {
    const browser = fakeBrowser();
    for (const [name, value] of Object.entries(have(browser))) vi.stubGlobal(name, value);
    const tier = await openDiskTier({ capBytes: CAP });
    await tier?.put(id("v/1"), segment(10));
    expect(browser.usage()).toBe(10);
  });

  it.each([
    ["caches", { caches: undefined }],
    ["locks", { navigator: { storage: { estimate: fakeBrowser().estimate } } }],
    ["storage", { navigator: { locks: fakeBrowser().locks } }],
    ["an estimate", { navigator: { locks: fakeBrowser().locks, storage: {} } }],
  ])("without %s is no place", async (_, lack) => {
    for (const [name, value] of Object.entries({ ...have(fakeBrowser()), ...lack })) vi.stubGlobal(name, value);
    expect(await openDiskTier({ capBytes: CAP })).toBeUndefined();
  });
});

describe("closing", () => {
  it("deletes all that was kept, entry by entry, and frees the lock", async () => {
    const browser = fakeBrowser();
    const tier = await open(browser);
    await tier?.put(id("v/1"), segment(10));
    await tier?.put(id("v/2"), segment(20));
    browser.done.length = 0;
    await tier?.close();
    expect(browser.done).toEqual(["delete v/1", "delete v/2", "drop-cache"]);
    expect(browser.stored.size).toBe(0);
    expect(tier?.bytes()).toBe(0);
    await vi.waitFor(() => expect(browser.held.size).toBe(0));
  });

  it("refuses what still waits and what comes after, but finishes what is being written", async () => {
    const browser = fakeBrowser();
    const tier = await open(browser);
    const write = browser.holdWrites();
    const writing = tier?.put(id("v/1"), segment(10));
    await vi.waitFor(() => expect(browser.done.at(-1)).toBe("open"));
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = [tier?.put(id("v/2"), segment(10)), tier?.read(id("v/1"))];
    const closed = tier?.close();
    write();
    expect(await writing).toEqual({ kind: "kept", dropped: [] });
    const refused = { kind: "refused", reason: "closed", dropped: [] };
    expect(await Promise.all(waiting)).toEqual([refused, undefined]);
    await closed;
    expect(await tier?.put(id("v/3"), segment(10))).toEqual(refused);
    expect(await tier?.read(id("v/1"))).toBeUndefined();
    tier?.remove(id("v/1"));
    await tier?.close();
    expect(browser.stored.size).toBe(0);
    expect(browser.done.filter((what) => what === "drop-cache")).toHaveLength(1);
  });

  it("leaves to the next session what the browser would not delete", async () => {
    const browser = fakeBrowser();
    const tier = await open(browser);
    await tier?.put(id("v/1"), segment(10));
    browser.fail("delete", new TypeError("broken"));
    browser.fail("drop-cache", new TypeError("broken"));
    await tier?.close();
    await vi.waitFor(() => expect(browser.held.size).toBe(0));
    expect(browser.usage()).toBe(10);
    browser.fail("drop-cache");
    await open(browser);
    expect(browser.usage()).toBe(0);
  });
});
