import { readFileSync } from "node:fs";
import type { Frame, FrameFault, MapEntry } from "../../player/protocol/index.ts";

/** A frame as `peer-frames.json` writes it: bytes and bitmaps are hexadecimal text. */
type JsonFrame =
  | Exclude<Frame, { t: "block" } | { t: "map" }>
  | { readonly t: "block"; readonly id: number; readonly index: number; readonly bytes: string }
  | { readonly t: "map"; readonly entries: readonly (Omit<MapEntry, "blocks"> & { readonly blocks: string })[] };

/** `hex` has a space between fields, so that it can be read beside `note`. */
type Vectors = {
  readonly valid: readonly { name: string; note: string; hex: string; frame: JsonFrame }[];
  readonly malformed: readonly { name: string; hex: string; fault: FrameFault }[];
};

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function revive(json: JsonFrame): Frame {
  if (json.t === "block") return { ...json, bytes: fromHex(json.bytes) };
  if (json.t !== "map") return json;
  const entries = json.entries.map((entry) => ({
    ...entry,
    blocks: entry.blocks === "all" ? ("all" as const) : fromHex(entry.blocks),
  }));
  return { t: "map", entries };
}

const vectors = JSON.parse(readFileSync(new URL("./peer-frames.json", import.meta.url), "utf8")) as Vectors;

/** Frames and the bytes that they must be, worked out by hand. */
export const validFrames = vectors.valid.map(({ name, hex, frame }) => ({
  name,
  bytes: fromHex(hex),
  frame: revive(frame),
}));

/** Bytes that are no frame, and what is wrong with them. */
export const malformedFrames = vectors.malformed.map(({ name, hex, fault }) => ({ name, bytes: fromHex(hex), fault }));
