import { createHash } from "node:crypto";
import type { SampleMedia } from "../../../infra/origin/index.ts";

/** A small stand-in for the sample stream: two renditions whose segments tell themselves apart by their bytes. */
export function standInMedia(segmentCount = 4, segmentSeconds = 4, bytes = 1000): SampleMedia {
  const rendition = (name: string, scale: number) => ({
    name,
    bandwidth: 1_000_000 * scale,
    averageBandwidth: 900_000 * scale,
    width: 640 * scale,
    height: 360 * scale,
    frameRate: 25,
    codecs: "avc1.64001f,mp4a.40.2",
    segments: Array.from({ length: segmentCount }, (_, index) => {
      const body = Buffer.alloc(bytes * scale, `${name} ${index} `);
      const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
      return { body, etag, seconds: segmentSeconds - 0.02 * (index % 2) };
    }),
  });
  return { segmentSeconds, segmentCount, renditions: [rendition("high", 2), rendition("low", 1)] };
}
