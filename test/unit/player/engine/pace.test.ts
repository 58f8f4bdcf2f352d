import { describe, expect, it } from "vitest";
import { segmentId } from "../../../../player/protocol/index.ts";
import { block, digest, engineHarness, key } from "../../../support/engine-harness.ts";

/** A viewer who has watched one neighbour answer so many requests, each after so long. */
function answering(answers: number, ms: number) {
  const h = engineHarness();
  h.join({ size: 3 });
  const known = h.peer("known");
  for (let msn = 1; msn <= answers; msn++) {
    h.offers(known, key(msn), 0, 1);
    h.wants(key(msn), 60_000);
    h.knows(key(msn));
    h.pass(ms);
    const asked = h.frames("request").find((r) => r.frame.key.msn === msn);
    if (asked === undefined) throw new Error(`segment ${msn} was not asked for`);
    const id = segmentId(asked.frame.key);
    h.says(known, { t: "block", id: asked.frame.id, index: 0, bytes: block(0) }, digest(id, 0));
  }
  return h;
}

describe("a neighbour that has sent nothing yet", () => {
  /** Is it asked for what is needed within so long? */
  const isAsked = (h: ReturnType<typeof answering>, inMs: number): boolean => {
    const fresh = h.peer("new");
    h.offers(fresh, key(20));
    h.wants(key(20), inMs);
    h.knows(key(20));
    return h.frames("request").some((r) => r.peer === fresh);
  };

  it("is asked for what is soon needed where others answered at once", () => {
    expect(isAsked(answering(5, 100), 2500)).toBe(true);
  });

  it("is not asked for what it will likely bring too late, as others would", () => {
    expect(isAsked(answering(5, 1400), 2500)).toBe(false);
    expect(isAsked(answering(5, 1400), 10_000)).toBe(true);
  });

  /** How long it is waited for before the request is taken back, in milliseconds. */
  const waitedFor = (h: ReturnType<typeof answering>): number => {
    expect(isAsked(h, 60_000)).toBe(true);
    const before = h.frames("cancel").length;
    const since = h.now();
    while (h.frames("cancel").length === before) h.pass(50);
    return h.now() - since;
  };

  it("is waited for as long as others needed, four times over", () => {
    expect(waitedFor(answering(5, 100))).toBeLessThan(3000);
    expect(waitedFor(answering(5, 1400))).toBeGreaterThan(4 * 1400);
  });
});
