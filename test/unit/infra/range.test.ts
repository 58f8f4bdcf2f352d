import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestedBytes } from "../../../infra/origin/range.ts";

const ask = (range: string, ifRange = "") => requestedBytes(range, ifRange, 1000, '"tag"');

describe("requestedBytes", () => {
  it.each([
    ["bytes=0-499", { kind: "part", start: 0, end: 499 }],
    ["bytes=500-", { kind: "part", start: 500, end: 999 }],
    ["bytes=-200", { kind: "part", start: 800, end: 999 }],
    ["bytes=-5000", { kind: "part", start: 0, end: 999 }],
    ["bytes=999-5000", { kind: "part", start: 999, end: 999 }],
    ["bytes=1000-", { kind: "unsatisfiable" }],
    ["bytes=-0", { kind: "unsatisfiable" }],
    ["bytes=9-8", { kind: "whole" }],
    ["bytes=-", { kind: "whole" }],
    ["bytes=0-1,5-6", { kind: "whole" }],
    ["items=0-1", { kind: "whole" }],
    ["bytes=a-b", { kind: "whole" }],
    ["", { kind: "whole" }],
  ])("%s", (range, expected) => {
    expect(ask(range)).toEqual(expected);
  });

  it("serves a range only of the version that If-Range names", () => {
    expect(ask("bytes=0-9", '"tag"')).toEqual({ kind: "part", start: 0, end: 9 });
    expect(ask("bytes=0-9", '"other"')).toEqual({ kind: "whole" });
    expect(ask("bytes=0-9", 'W/"tag"')).toEqual({ kind: "whole" });
    expect(ask("bytes=0-9", "Sun, 22 Nov 2026 13:00:00 GMT")).toEqual({ kind: "whole" });
  });

  it("never leaves the resource, whatever is asked", () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(2000), fc.nat(2000)).map(([first, last]) => `bytes=${first}-${last}`),
      fc.stringMatching(/^bytes=[0-9,-]{0,20}$/),
    );
    fc.assert(
      fc.property(header, fc.integer({ min: 1, max: 2000 }), (range, size) => {
        const asked = requestedBytes(range, "", size, '"tag"');
        if (asked.kind !== "part") return;
        expect(asked.start).toBeGreaterThanOrEqual(0);
        expect(asked.end).toBeGreaterThanOrEqual(asked.start);
        expect(asked.end).toBeLessThan(size);
      }),
    );
  });
});
