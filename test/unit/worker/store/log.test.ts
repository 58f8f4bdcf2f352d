import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PLAIN_COUNTERS, sumsOf } from "../../../../worker/reports/index.ts";
import { NumberedTally } from "../../../../worker/store/counters.ts";
import { DeltaWriter, headOf, readLog, sumUp } from "../../../../worker/store/redis/log.ts";
import { Bytes, Writer } from "../../../../worker/store/wire.ts";
import { placed, sessionId } from "../samples.ts";

describe("numbers and text in bytes", () => {
  it("come back as they were, whatever their size, sign or letters", () => {
    const numbers = fc.array(fc.oneof(fc.maxSafeNat(), fc.nat({ max: 300 })));
    const signed = fc.array(fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }));
    const texts = fc.array(fc.oneof(fc.string(), fc.string({ unit: "grapheme" })));
    fc.assert(
      fc.property(numbers, signed, texts, (wholes, integers, words) => {
        const writer = new Writer(1);
        for (const number of wholes) writer.whole(number);
        for (const number of integers) writer.signed(number);
        for (const word of words) writer.text(word);
        const bytes = new Bytes(writer.from(0));
        expect(wholes.map(() => bytes.whole())).toEqual(wholes);
        expect(integers.map(() => bytes.signed())).toEqual(integers);
        expect(words.map(() => bytes.text())).toEqual(words);
        expect(() => bytes.byte()).toThrow(RangeError);
      }),
    );
  });
});

/** What a log says, as plain values. */
function saidBy(log: Buffer): Record<string, Record<string, number>> {
  const cells = new Map<string, NumberedTally>();
  readLog(log, (bucket, value) => {
    const key = `${bucket} ${value}`;
    const cell = cells.get(key) ?? new NumberedTally();
    cells.set(key, cell);
    return cell;
  });
  return Object.fromEntries([...cells].map(([key, { tally }]) => [key, Object.fromEntries(tally)]));
}

/** Deltas of the countries' minutes of some steps. */
function deltasOf(steps: readonly (readonly Parameters<typeof placed>[])[]): Buffer[] {
  return steps.map((step) => {
    const { groups, ledger } = sumsOf(
      step.map((of) => placed(...of)),
      () => (value) => value,
    );
    const countries = groups.filter(({ stream, dimension }) => stream === null && dimension === "country");
    return new DeltaWriter(ledger).write(countries, Math.min(...countries.map(({ bucket }) => bucket)));
  });
}

describe("a log of cells", () => {
  const [one = Buffer.of(), two = Buffer.of(), three = Buffer.of()] = deltasOf([
    [[{ played: 5, startupMs: 800 }], [{ seq: 1, played: 7 }, { country: "FR" }]],
    [[{ seq: 2, played: 11 }]],
    [[{ session: sessionId(2), played: 2 ** 34, bytes: { cdn: 0, peer: 0, relay: 0 } }, { country: "FR" }]],
  ]);

  it("says the sum of what was appended to it", () => {
    const said = saidBy(Buffer.concat([one, two, three]));
    expect(Object.keys(said)).toEqual(["0 DE", "0 FR"]);
    expect(said["0 DE"]).toMatchObject({ played: 16, samples: 2, startups: 1, startupMs: 800, "stall.110": 2 });
    expect(said["0 FR"]).toMatchObject({ played: 7 + 2 ** 34, samples: 2 });
  });

  it("says the same when it was summed up, once or again, and when more came after that", () => {
    const all = saidBy(Buffer.concat([one, two, three]));
    const once = sumUp(Buffer.concat([one, two]));
    expect(once.length).toBeLessThan(one.length + two.length);
    const again = sumUp(Buffer.concat([once, three]));
    expect(saidBy(Buffer.concat([once, three]))).toEqual(all);
    expect(saidBy(again)).toEqual(all);
    const settled = sumUp(Buffer.concat([one, two]), true);
    expect(saidBy(Buffer.concat([settled, three]))).toEqual(all);
    expect(saidBy(sumUp(Buffer.concat([settled, three])))).toEqual(all);
  });

  it("begins with something else after each time that it was summed up", () => {
    const logs = [one, sumUp(one), sumUp(sumUp(one)), sumUp(sumUp(sumUp(one))), sumUp(one, true)];
    logs.push(sumUp(sumUp(one, true), true));
    expect(new Set(logs.map((log) => headOf(log).toString("hex"))).size).toBe(logs.length);
  });

  it("keeps counters that only a later version knows", () => {
    const writer = new Writer();
    writer.byte(1);
    writer.fixed(0);
    writer.whole(0);
    writer.text("DE");
    for (const [number, count] of [
      [22, 3],
      [63, 8],
      [9_000, 5],
    ] as const) {
      writer.whole(number);
      writer.signed(count);
    }
    writer.byte(0);
    writer.fixAt(1, writer.length - 5);
    const later = writer.from(0);
    expect(saidBy(later)).toEqual({ "0 DE": { samples: 3 } });
    const found = new Map<number, number>();
    readLog(sumUp(Buffer.concat([later, later])), () => ({ add: (number, count) => void found.set(number, count) }));
    expect(Object.fromEntries(found)).toEqual({ 22: 6, 63: 16, 9000: 10 });
  });

  it("is refused when its last record is not whole", () => {
    expect(() => saidBy(Buffer.concat([one, two]).subarray(0, -1))).toThrow(RangeError);
  });

  it("has room for every plain counter in its dense part", () => {
    expect(PLAIN_COUNTERS.length + 3).toBeLessThan(64);
  });
});
