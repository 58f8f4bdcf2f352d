import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { decodeFrame, encodeFrame, fitMap, type MapEntry, PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { faultOf } from "../../../unit/player/protocol/fault-of.ts";
import { frame } from "./frames.ts";
import { heavyEntries, windows } from "./map-entries.ts";

const map = (entries: readonly MapEntry[]) => ({ t: "map", entries }) as const;

describe("peer frames, for any frame that may be sent", () => {
  it("what is read is what was written, within the frame cap", () => {
    fc.assert(
      fc.property(frame, (sent) => {
        const bytes = encodeFrame(sent);
        assert.ok(bytes.length <= PEER_LIMITS.frameBytes);
        assert.deepStrictEqual(decodeFrame(bytes), sent);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("fitMap, for anything a viewer may hold", () => {
  it("keeps the longest beginning that can be sent", () => {
    fc.assert(
      fc.property(fc.oneof(windows, heavyEntries), (entries) => {
        const kept = fitMap(entries);
        assert.deepStrictEqual(kept, entries.slice(0, kept.length));
        assert.deepStrictEqual(decodeFrame(encodeFrame(map(kept))), map(kept));
        if (kept.length === entries.length) return;
        const fault = faultOf(() => encodeFrame(map(entries.slice(0, kept.length + 1))));
        assert.equal(fault, kept.length === PEER_LIMITS.mapEntries ? "out-of-range" : "too-large");
      }),
      { numRuns: 300 },
    );
  });
});
