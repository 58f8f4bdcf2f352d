import fc from "fast-check";
import { expect, test } from "vitest";
import type { PeerId } from "../../../tracker/protocol/index.ts";
import { Leases } from "../../../tracker/store/memory/leases.ts";
import { peerId, swarmId } from "../../unit/tracker/support/values.ts";

const LEASE_MS = 1000;
const SWARM = swarmId("one");
const PEERS = Array.from({ length: 5000 }, (_, index) => peerId(`p${index}`));

// Whole crowds come, stay and go: rows are cut once thousands have been seen to.
const stepArb = fc.record({
  act: fc.constantFrom("start", "start", "renew", "end"),
  from: fc.nat(2000),
  count: fc.integer({ min: 1, max: 3000 }),
  afterMs: fc.nat(700),
});

test("leases end when they have not been renewed for their time, each once, and no sooner", () => {
  fc.assert(
    fc.property(fc.array(stepArb, { minLength: 5, maxLength: 20 }), (steps) => {
      const real = new Leases(LEASE_MS);
      const model = new Map<PeerId, number>();
      let now = 0;
      for (const { act, from, count, afterMs } of steps) {
        now += afterMs;
        const expired = real.takeExpired(now).map(({ peer }) => peer);
        const due = [...model].filter(([, until]) => until <= now).map(([peer]) => peer);
        expect([...expired].sort()).toEqual(due.sort());
        for (const peer of due) model.delete(peer);
        for (const peer of PEERS.slice(from, from + count)) {
          if (act === "end") {
            real.end(peer);
            model.delete(peer);
          } else if (act === "start") real.start(SWARM, peer, now);
          else expect(real.renew(SWARM, peer, now)).toBe(model.has(peer) ? "renewed" : "lost");
          if (act === "start" || model.has(peer)) model.set(peer, now + LEASE_MS);
        }
      }
      expect(real.renew(swarmId("other"), PEERS[0] as PeerId, now)).toBe("lost");
    }),
    { numRuns: 40 },
  );
});
