import fc from "fast-check";
import { expect, test } from "vitest";
import { createDigestLedger, type DigestClaim } from "../../../tracker/swarm/index.ts";
import { digest, peerId, segmentId } from "../../unit/tracker/support/values.ts";

const SEGMENTS = [0, 1, 2].map((index) => segmentId(`s${index}`));
const truth = (segment: string, block: number) => digest(`${segment} ${block}`);

/** A window of one segment's blocks, as an honest viewer would vouch for it. */
const honestArb: fc.Arbitrary<DigestClaim> = fc
  .record({
    viewer: fc.nat(4),
    segment: fc.constantFrom(...SEGMENTS),
    from: fc.oneof(fc.nat(5), fc.constantFrom(254, 255, 256, 1023)),
    count: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ viewer, segment, from, count }) => ({
    viewer: peerId(`v${viewer}`),
    segment,
    bytes: 1000,
    from,
    digests: Array.from({ length: count }, (_, offset) => truth(segment, from + offset)),
  }));

test("honest viewers never make a conflict, whatever the order and however often they repeat themselves", () => {
  fc.assert(
    fc.property(fc.array(honestArb, { maxLength: 30, size: "max" }), fc.array(fc.nat(29)), (claims, again) => {
      const ledger = createDigestLedger();
      const said = [...claims, ...again.flatMap((index) => claims[index] ?? [])];
      for (const claim of said) ledger.claim(claim);
      for (const segment of SEGMENTS) {
        const verdict = ledger.verdict(segment);
        const heard = claims.filter((claim) => claim.segment === segment && claim.from + claim.digests.length <= 1024);
        expect(verdict.verdict).toBe(heard.length > 0 ? "agreed" : "unknown");
        if (verdict.verdict !== "agreed") continue;
        const covered = new Set(heard.flatMap((claim) => claim.digests.map((_, offset) => claim.from + offset)));
        expect(verdict.digests.length).toBe(Math.max(...covered) + 1);
        const expected = verdict.digests.map((_, block) => (covered.has(block) ? truth(segment, block) : null));
        expect(verdict.digests).toEqual(expected);
      }
    }),
  );
});

test("two viewers who differ on one block or on the size are a conflict, in either order, and nothing mends it", () => {
  const liarArb = fc.record({ block: fc.nat(9), kind: fc.constantFrom("digest" as const, "bytes" as const) });
  fc.assert(
    fc.property(liarArb, fc.boolean(), fc.array(honestArb, { maxLength: 10 }), ({ block, kind }, liarFirst, later) => {
      const segment = segmentId("s0");
      const digests = Array.from({ length: 10 }, (_, index) => truth(segment, index));
      const honest = { viewer: peerId("honest"), segment, bytes: 1000, from: 0, digests };
      const liar =
        kind === "digest"
          ? { ...honest, viewer: peerId("liar"), from: block, digests: [digest("lie")] }
          : { ...honest, viewer: peerId("liar"), bytes: 999 };
      const ledger = createDigestLedger();
      for (const claim of liarFirst ? [liar, honest] : [honest, liar]) ledger.claim(claim);
      for (const claim of later) ledger.claim(claim);
      expect(ledger.verdict(segment)).toEqual({ verdict: "conflict", segment });
    }),
  );
});

test("the caps hold at every step, and what was used last is still there", () => {
  const caps = { segments: 4, blocks: 40 };
  const claimArb = fc.record({ segment: fc.nat(12), from: fc.nat(10), count: fc.integer({ min: 1, max: 10 }) });
  fc.assert(
    fc.property(fc.array(claimArb, { maxLength: 60, size: "max" }), (claims) => {
      const ledger = createDigestLedger(caps);
      for (const { segment, from, count } of claims) {
        const id = segmentId(`s${segment}`);
        const digests = Array.from({ length: count }, (_, offset) => truth(id, from + offset));
        ledger.claim({ viewer: peerId("v"), segment: id, bytes: 1, from, digests });
        const { segments, blocks } = ledger.held();
        expect(segments).toBeLessThanOrEqual(caps.segments);
        expect(blocks).toBeLessThanOrEqual(caps.blocks);
        expect(ledger.verdict(id).verdict).toBe("agreed");
      }
    }),
  );
});
