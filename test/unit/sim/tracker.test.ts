import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { atLeast, play } from "./checks.ts";

const some = { viewers: 10, minutes: 2, profile: "lan", joins: { kind: "flash", withinMs: 6000 } } as const;

describe("the tracker", () => {
  it("that comes back takes all in again, and those who come later meet those who were there before", () => {
    const trickle = { ...some, viewers: 8, joins: { kind: "every", everyMs: 6000 } } as const;
    const gone = play({ ...trickle, trackerDown: { fromMs: 20_000, toMs: Number.POSITIVE_INFINITY, share: 1 } });
    const back = play({ ...trickle, trackerDown: { fromMs: 20_000, toMs: 35_000, share: 1 } });
    assert.equal(back.stalls, 0);
    atLeast(back.offload, gone.offload + 0.25, "offload");
    assert.ok(back.copiesPerSegment < 2.3, `${back.copiesPerSegment} copies: there are two meshes`);
  });

  it("that is there only after everybody has come still brings them together", () => {
    const late = play({ ...some, trackerDown: { fromMs: 0, toMs: 30_000, share: 1 } });
    atLeast(late.offload, 0.4, "offload");
    atLeast(late.neighbours, 3, "neighbours");
  });

  it("that says `off` ends every link, and `share` brings them back", () => {
    const off = play({ ...some, policies: [{ atMs: 40_000, mode: "off" }] });
    assert.equal(off.neighbours, 0);
    atLeast(off.cdnReasons.policy, 1, "bytes bought by the operator's will");
    const again = play({
      ...some,
      policies: [
        { atMs: 40_000, mode: "off" },
        { atMs: 60_000, mode: "share" },
      ],
    });
    atLeast(again.neighbours, 3, "neighbours");
    atLeast(again.offload, off.offload + 0.2, "offload");
    assert.equal(again.stalls, 0);
  });
});
