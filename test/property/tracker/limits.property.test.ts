import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countMessage,
  createMessageLimit,
  fullBucket,
  INTRODUCTIONS_KEPT,
  type Introductions,
  introduce,
  isSizeStep,
  SIZE_STEP,
  SmallMap,
  takeTokens,
} from "../../../tracker/swarm/index.ts";
import { peerId } from "../../unit/tracker/support/values.ts";

const limitArb = fc.record({
  rate: fc.double({ min: 0.01, max: 100, noNaN: true }),
  burst: fc.integer({ min: 1, max: 300 }),
});
/** Times between takes, some of them backwards, as a clock that is set does. */
const takesArb = fc.array(fc.record({ wait: fc.integer({ min: -5000, max: 60_000 }), want: fc.nat(400) }), {
  maxLength: 60,
  size: "max",
});

test("a bucket gives whole tokens, never more than asked, and over any stretch no more than burst + rate x time", () => {
  fc.assert(
    fc.property(limitArb, takesArb, (limit, takes) => {
      let now = 0;
      let forwards = 0;
      let total = 0;
      const bucket = fullBucket(limit, now);
      for (const { wait, want } of takes) {
        now += wait;
        forwards += Math.max(0, wait);
        const taken = takeTokens(bucket, limit, now, want);
        expect(Number.isInteger(taken)).toBe(true);
        expect(taken).toBeGreaterThanOrEqual(0);
        expect(taken).toBeLessThanOrEqual(Math.min(want, limit.burst));
        total += taken;
        expect(total).toBeLessThanOrEqual(limit.burst + (limit.rate * forwards) / 1000 + 1e-6);
      }
    }),
  );
});

test("a clock that steps back takes nothing away", () => {
  fc.assert(
    fc.property(limitArb, fc.nat(1_000_000), (limit, back) => {
      const bucket = fullBucket(limit, 0);
      expect(takeTokens(bucket, limit, -back, limit.burst)).toBe(limit.burst);
    }),
  );
});

test("whoever keeps to the rate is never refused", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 400 }), (rate, messages) => {
      const limit = { rate, burst: rate * 10 };
      const state = createMessageLimit(limit, 0);
      const verdicts = Array.from({ length: messages }, (_, sent) =>
        countMessage(state, limit, Math.ceil((sent * 1000) / rate)),
      );
      expect(new Set(verdicts)).toEqual(new Set(["handle"]));
    }),
  );
});

test("whoever sends twice the rate for ever is closed in the end, after one warning for each row of refusals", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (rate) => {
      const limit = { rate, burst: rate * 10 };
      const state = createMessageLimit(limit, 0);
      const verdicts = Array.from({ length: limit.burst * 6 }, (_, sent) =>
        countMessage(state, limit, sent * (500 / rate)),
      );
      const closed = verdicts.indexOf("close");
      expect(closed).toBeGreaterThan(limit.burst);
      expect(verdicts.slice(0, closed).filter((verdict) => verdict === "refuse")).toHaveLength(1);
    }),
  );
});

test("after half a burst of silence the refusals of before are forgotten", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 2, max: 5 }), (rate, gusts) => {
      const limit = { rate, burst: rate * 10 };
      const state = createMessageLimit(limit, 0);
      for (let gust = 0; gust < gusts; gust++) {
        let refused = 0;
        while (refused < limit.burst - 1) {
          const verdict = countMessage(state, limit, gust * 60_000);
          if (verdict === "close") throw new Error(`closed in gust ${gust} after ${refused} refusals`);
          if (verdict !== "handle") refused += 1;
        }
      }
    }),
  );
});

test("a viewer told of every step knows the size to a step, and exactly while it is small", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 100, size: "max" }), (sizes) => {
      let told = 1;
      for (const size of sizes) {
        if (isSizeStep(told, size)) told = size;
        if (size < 16) expect(told).toBe(size);
        expect(Math.abs(told - size)).toBeLessThanOrEqual(told * SIZE_STEP);
      }
    }),
  );
});

test("introductions are bounded, and the newest are kept", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2000), { maxLength: 1500, size: "max" }), (peers) => {
      const known: Introductions = new SmallMap();
      for (const [index, peer] of peers.entries()) introduce(known, peerId(`p${peer}`), index);
      expect(known.size).toBeLessThanOrEqual(INTRODUCTIONS_KEPT);
      for (const peer of peers.slice(-INTRODUCTIONS_KEPT)) expect(known.has(peerId(`p${peer}`))).toBe(true);
    }),
    { numRuns: 20 },
  );
});
