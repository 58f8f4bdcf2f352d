import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CANDIDATES } from "../../../../tracker/store/index.ts";
import { member, peerId } from "../../../unit/tracker/support/values.ts";
import { type Create, HERE, ids, joinAll, some } from "./setting.ts";

export function matching(create: Create): void {
  test("candidates are others of the swarm, once each, however near they are", async () => {
    const { store } = await create();
    const locality = { address: "same", prefix: "same", as: 1, country: "AQ" };
    await joinAll(
      store,
      some(200, (viewer) => member(`v${viewer}`, { locality })),
    );
    const self = member("v7", { locality });
    for (let draw = 0; draw < 20; draw++) {
      const { candidates } = await store.candidates(HERE, self);
      expect(new Set(ids(candidates)).size).toBe(candidates.length);
      expect(ids(candidates)).not.toContain(self.id);
      expect(candidates.length).toBeGreaterThanOrEqual(CANDIDATES.anywhere / 2);
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
    await joinAll(
      store,
      some(3000, (viewer) => member(`v${viewer}`)),
    );
    const { candidates } = await store.join(HERE, member("self", at("a", "p", 1, "FJ")));
    expect(ids(candidates)).toEqual(expect.arrayContaining(ids(near)));
  });

  test("who joins again from elsewhere is no longer found where it was", async () => {
    const { store } = await create();
    const at = (address: string) => ({ locality: { address, prefix: address } });
    await store.join(HERE, member("mover", at("old")));
    await store.join(HERE, member("mover", at("new")));
    await joinAll(
      store,
      some(3000, (viewer) => member(`v${viewer}`)),
    );
    const draws: boolean[] = [];
    for (let draw = 0; draw < 5; draw++) {
      const { candidates } = await store.candidates(HERE, member("self", at("old")));
      draws.push(ids(candidates).includes(peerId("mover")));
    }
    // By chance it is drawn one time in sixty; five in a row are no chance.
    expect(draws).toContain(false);
  });

  test("a big circle gives as many as are wanted of it, about, and the next draw gives others", async () => {
    const { store } = await create();
    const inside = { address: "self", prefix: "self", country: "TV" };
    const compatriots = some(400, (index) =>
      member(`c${index}`, { locality: { address: `c${index}`, prefix: `c${index}`, country: "TV" } }),
    );
    await joinAll(
      store,
      some(4000, (viewer) => member(`v${viewer}`)),
    );
    await joinAll(store, compatriots);
    const inCountry = new Set(ids(compatriots));
    const draw = async (): Promise<string[]> => {
      const { candidates } = await store.candidates(HERE, member("self", { locality: inside }));
      expect(candidates.length).toBeLessThan(4 * (CANDIDATES.anywhere + CANDIDATES.perCircle));
      const near = ids(candidates).filter((id) => inCountry.has(id));
      expect(near.length).toBeGreaterThanOrEqual(CANDIDATES.perCircle / 4);
      return near;
    };
    expect(new Set([...(await draw()), ...(await draw()), ...(await draw())]).size).toBeGreaterThan(
      CANDIDATES.perCircle,
    );
  });

  test("everybody can be met: no member is forgotten, first or last", async () => {
    const { store } = await create();
    const others = some(300, (index) => member(`v${index}`));
    await joinAll(store, others);
    const met = new Set<string>();
    for (let draw = 0; draw < 150; draw++)
      for (const id of ids((await store.candidates(HERE, member("x"))).candidates)) met.add(id);
    expect(met.size).toBe(others.length);
  });

  test("swarms grow and shrink: who is a member is found, by its neighbours too, and who has left is not", async () => {
    const { store } = await create();
    const places = some(300, (index) =>
      member(`v${index}`, { locality: { address: `a${index % 150}`, prefix: `p${index % 7}`, as: index % 2 } }),
    );
    const [order = []] = fc.sample(fc.shuffledSubarray(places, { minLength: places.length }), { numRuns: 1, seed: 20 });
    const inside = new Set<string>();
    const check = async (): Promise<void> => {
      expect(await store.size(HERE)).toBe(inside.size);
      for (const one of order.slice(0, 12)) {
        const { candidates } = await store.candidates(HERE, one);
        expect(ids(candidates).filter((id) => !inside.has(id))).toEqual([]);
        const mates = order.filter(({ id, locality }) => id !== one.id && locality.address === one.locality.address);
        const expected = ids(mates).filter((id) => inside.has(id));
        expect(ids(candidates)).toEqual(expect.arrayContaining(expected));
      }
    };
    for (const [index, one] of order.entries()) {
      await store.join(HERE, one);
      inside.add(one.id);
      if (index % 60 === 0) await check();
    }
    for (const [index, one] of [...order].reverse().entries()) {
      await store.leave(HERE, one.id);
      inside.delete(one.id);
      if (index % 60 === 0) await check();
    }
    await check();
  });
}
