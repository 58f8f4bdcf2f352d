import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeOf } from "../../../tracker/store/index.ts";
import { distance, farLinks, GIVING, type Member, nearness, selectNeighbours } from "../../../tracker/swarm/index.ts";
import { member } from "../../unit/tracker/support/values.ts";

/** Members who share few addresses and networks, so that every nearness comes up. */
const memberArb: fc.Arbitrary<Member> = fc
  .record({
    name: fc.integer({ min: 0, max: 40 }),
    address: fc.integer({ min: 0, max: 6 }),
    as: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
    country: fc.option(fc.constantFrom("NO", "PE"), { nil: undefined }),
    giving: fc.constantFrom(...GIVING),
    process: fc.constantFrom("n0de", "e1se"),
  })
  .map(({ name, address, as, country, giving, process }) =>
    member(
      `m${name}`,
      {
        giving,
        locality: {
          address: `a${address}`,
          prefix: `p${Math.floor(address / 2)}`,
          ...(as === undefined ? {} : { as }),
          ...(country === undefined ? {} : { country }),
        },
      },
      process,
    ),
  );
/** Candidates as a store gives them, and worse: repeated, and with the asking one among them. */
const caseArb = fc.record({
  self: memberArb,
  candidates: fc
    .tuple(
      fc.uniqueArray(memberArb, { maxLength: 40, size: "max", selector: ({ id }) => id }),
      fc.array(fc.nat(39), { maxLength: 10 }),
    )
    .map(([members, again]) => [...members, ...again.flatMap((index) => members[index] ?? [])]),
  want: fc.integer({ min: 0, max: 16 }),
  seed: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
});
const run = ({
  self,
  candidates,
  want,
  seed,
}: {
  self: Member;
  candidates: Member[];
  want: number;
  seed: Iterator<number>;
}) => selectNeighbours({ self, candidates: [...candidates, self], want, random: () => Number(seed.next().value) });

test("never oneself, nobody twice, never more than wanted, and as many as there are", () => {
  fc.assert(
    fc.property(caseArb, (input) => {
      const ids = run(input).map((choice) => choice.member.id);
      expect(ids).not.toContain(input.self.id);
      expect(new Set(ids).size).toBe(ids.length);
      const usable = new Map(input.candidates.map((one) => [one.id, one]));
      usable.delete(input.self.id);
      const useful = [...usable.values()].filter((one) => one.giving !== "receive" || input.self.giving !== "receive");
      expect(ids.length).toBe(Math.min(input.want, useful.length));
    }),
  );
});

test("nearest first, with the nearness that both see, and never two who only take", () => {
  fc.assert(
    fc.property(caseArb, (input) => {
      const chosen = run(input);
      for (const { member: other, near } of chosen) {
        expect(near).toBe(nearness(other.locality, input.self.locality));
        expect([other.giving, input.self.giving]).not.toEqual(["receive", "receive"]);
      }
      const distances = chosen.map(({ near }) => distance(near));
      expect(distances).toEqual([...distances].sort((a, b) => a - b));
    }),
  );
});

test("however many near ones there are, a share of the places goes to the farthest", () => {
  fc.assert(
    fc.property(caseArb, fc.integer({ min: 2, max: 16 }), (input, want) => {
      const candidates = [
        ...new Map(input.candidates.map((one) => [one.id, { ...one, giving: "share" as const }])).values(),
      ];
      const far = (choices: readonly Member[]) =>
        choices.filter((one) => one.id !== input.self.id && nearness(one.locality, input.self.locality) === "far")
          .length;
      const chosen = run({ ...input, candidates, want }).map((choice) => choice.member);
      expect(far(chosen)).toBeGreaterThanOrEqual(Math.min(farLinks(want), far(candidates)));
    }),
  );
});

test("near ones come before far ones in the places that are left, sharers before those behind TURN, these before takers", () => {
  fc.assert(
    fc.property(caseArb, fc.integer({ min: 2, max: 16 }), (input, want) => {
      const chosen = new Set(run({ ...input, want }).map((choice) => choice.member.id));
      const all = [...new Map(input.candidates.map((one) => [one.id, one])).values()].filter(
        ({ id }) => id !== input.self.id,
      );
      const [sharers = [], relayed = [], takers = []] = GIVING.map((giving) =>
        all.filter((one) => one.giving === giving),
      );
      const some = (of: readonly Member[]) => of.some(({ id }) => chosen.has(id));
      const every = (of: readonly Member[]) => of.every(({ id }) => chosen.has(id));
      if (some(relayed) || some(takers)) expect(every(sharers)).toBe(true);
      if (some(takers)) expect(every(relayed)).toBe(true);
      const lan = sharers.filter((one) => nearness(one.locality, input.self.locality) === "lan");
      const met = lan.filter(({ id }) => chosen.has(id)).length;
      expect(met).toBeGreaterThanOrEqual(Math.min(lan.length, want - farLinks(want)));
    }),
  );
});

test("of those who are equally near the same process comes first, but others for the places that go far", () => {
  fc.assert(
    fc.property(caseArb, fc.integer({ min: 2, max: 16 }), (input, want) => {
      const alike = { giving: "share", locality: input.self.locality } as const;
      const candidates = [...new Map(input.candidates.map((one) => [one.id, { ...one, ...alike }])).values()].filter(
        ({ id }) => id !== input.self.id,
      );
      const isHere = ({ id }: Member) => nodeOf(id) === nodeOf(input.self.id);
      const chosen = run({ ...input, candidates, want }).map((choice) => choice.member);
      const [here, all] = [candidates.filter(isHere).length, candidates.length];
      const elsewhere = chosen.filter((one) => !isHere(one)).length;
      const near = Math.min(want - farLinks(want), here);
      // The far places, and what the own process has too few viewers for.
      expect(elsewhere).toBe(Math.min(all - here, Math.min(want, all) - near));
    }),
  );
});
