import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { SwarmStore } from "../../../../tracker/store/index.ts";
import { createDigestLedger } from "../../../../tracker/swarm/index.ts";
import { digest, member, peerId, segmentId } from "../../../unit/tracker/support/values.ts";
import { type Create, HERE, THERE } from "./setting.ts";

export function digests(create: Create): void {
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

  test("whatever is claimed, verdicts are those of the ledger", async () => {
    const { store } = await create();
    const claims = fc.array(
      fc.record({
        viewer: fc.constantFrom("a", "b", "c").map((name) => peerId(name)),
        bytes: fc.oneof(
          { weight: 9, arbitrary: fc.constant(100) },
          { weight: 1, arbitrary: fc.constant(64 * 1024 * 1024) },
        ),
        from: fc.constantFrom(0, 1, 2, 5, 1020),
        digests: fc.array(fc.constantFrom("0", "0", "0", "1").map(digest), { minLength: 1, maxLength: 6 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await store.join(HERE, member("a"));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(claims, async (said) => {
        const segment = segmentId(`segment-${run++}`);
        const ledger = createDigestLedger();
        for (const claim of said) {
          ledger.claim({ ...claim, segment });
          await store.publish(HERE, { ...claim, segment });
          expect(await store.digests(HERE, [segment])).toEqual([ledger.verdict(segment)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a swarm without members notes nothing, and one that ends takes its digests with it", async () => {
    const { store, leaseMs, advance } = await create("short");
    await store.publish(HERE, claim("a", ["0"]));
    await store.join(HERE, member("a"));
    expect(await verdict(store)).toEqual({ verdict: "unknown", segment: "s" });
    const runOut = async () => {
      await advance(leaseMs * 0.6);
      await store.publish(HERE, claim("a", ["0"]));
      await advance(leaseMs * 0.6);
    };
    const ends = [() => store.leave(HERE, peerId("a")), runOut];
    for (const end of ends) {
      await store.join(HERE, member("a"));
      await store.publish(HERE, claim("a", ["0"]));
      expect((await verdict(store))?.verdict).toBe("agreed");
      await end();
      expect((await verdict(store))?.verdict).toBe("unknown");
      await store.join(HERE, member("b"));
      expect((await verdict(store))?.verdict).toBe("unknown");
      await store.leave(HERE, peerId("b"));
    }
  });

  test("a viewer that joins again keeps what was vouched for", async () => {
    const { store } = await create();
    await store.join(HERE, member("a"));
    await store.publish(HERE, claim("a", ["0"]));
    await store.join(HERE, member("a"));
    expect((await verdict(store))?.verdict).toBe("agreed");
  });
}
