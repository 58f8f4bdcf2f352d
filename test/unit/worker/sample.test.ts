import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { SampleInputSchema } from "../../../worker/protocol/index.ts";
import { rawSample } from "./samples.ts";

/** What a player of the version before sends. */
const oldSample = () => {
  const {
    session,
    seq,
    stream,
    at,
    spanMs,
    bytes,
    cdnReasons,
    played,
    uploaded,
    wasted,
    stalls,
    stallMs,
    watchMs,
    peers,
  } = rawSample();
  return {
    session,
    seq,
    stream,
    at,
    spanMs,
    bytes,
    cdnReasons,
    played,
    uploaded,
    wasted,
    stalls,
    stallMs,
    watchMs,
    peers,
  };
};

describe("a sample's version", () => {
  it("may be the present one", () => {
    expect(v.parse(SampleInputSchema, rawSample())).toEqual(rawSample());
  });
  it("may be the one before: what it does not tell is unknown, and no byte is lost", () => {
    expect(v.parse(SampleInputSchema, oldSample())).toMatchObject({
      ...oldSample(),
      v: 2,
      peerBytes: { lan: 0, network: 0, as: 0, country: 0, far: 600 },
      player: "unknown",
      rendition: "unknown",
    });
  });
  it("is refused by name when it is one that nobody knows yet", () => {
    const { issues } = v.safeParse(SampleInputSchema, { ...rawSample(), v: 3 });
    expect(issues?.map((issue) => v.getDotPath(issue))).toEqual(["v"]);
  });
  it.each([
    { player: "1.0.0 beta" },
    { rendition: "720p; drop" },
    { links: Array(33).fill({ peer: "0000aaaaaaaaaaaaaaaaaa", received: 1, sent: 1 }) },
    { stallTimes: [-1] },
    { kilobits: 1.5 },
    { caution: "very" },
    { group: "both" },
    { peer: "me" },
  ])("does not let %o pass", (change) => {
    expect(v.safeParse(SampleInputSchema, { ...rawSample(), ...change }).success).toBe(false);
  });
});
