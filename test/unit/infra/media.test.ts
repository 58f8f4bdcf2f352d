import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadSample } from "../../../infra/origin/index.ts";

type Segment = { file: string; bytes: number; seconds: number };
const segment = (file: string, bytes = 10, seconds = 4): Segment => ({ file, bytes, seconds });

async function sample(high: Segment[], low: Segment[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-sample-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const head = { bandwidth: 2000, averageBandwidth: 1000, width: 16, height: 9, frameRate: 25, codecs: "avc1.42001e" };
  const renditions = [
    { name: "high", ...head, segments: high },
    { name: "low", ...head, segments: low },
  ];
  await writeFile(join(folder, "sample.json"), JSON.stringify({ renditions }));
  for (const name of ["a.ts", "b.ts"]) {
    await writeFile(join(folder, name), name.repeat(3).slice(0, 10));
  }
  return folder;
}

describe("loadSample", () => {
  it("reads the segments with their lengths, and tells versions of a segment apart", async () => {
    const media = await loadSample(
      await sample([segment("a.ts", 10, 4.04), segment("b.ts", 10, 3.96)], [segment("b.ts"), segment("a.ts")]),
    );
    expect(media).toMatchObject({ segmentSeconds: 4, segmentCount: 2 });
    const [high, low] = media.renditions;
    expect(high?.segments.map(({ body }) => body.toString())).toEqual(["a.tsa.tsa.", "b.tsb.tsb."]);
    expect(high?.segments[0]?.etag).toBe(low?.segments[1]?.etag);
    expect(high?.segments[0]?.etag).not.toBe(high?.segments[1]?.etag);
    expect(high?.segments[0]?.etag).toMatch(/^"[^"]+"$/);
  });

  it.each([
    ["another size than promised", [segment("a.ts", 11)], [segment("a.ts")], /a\.ts has 10 bytes/],
    ["fewer segments in one rendition", [segment("a.ts"), segment("b.ts")], [segment("a.ts")], /"low" does not have 2/],
    [
      "segments of odd lengths",
      [segment("a.ts"), segment("b.ts", 10, 2)],
      [segment("a.ts"), segment("b.ts")],
      /"high"/,
    ],
    ["a file that is not there", [segment("c.ts")], [segment("c.ts")], /c\.ts/],
    ["no segments", [], [], /not a description/],
  ])("refuses %s", async (_what, high, low, message) => {
    await expect(loadSample(await sample(high, low))).rejects.toThrow(message);
  });
});
