import { FrameError } from "./errors.ts";
import { FIELDS } from "./fields.ts";
import type { MapEntry } from "./frames.ts";
import { partCode, readPlace, readRendition, writePlace, writeRendition } from "./key.ts";
import { PEER_LIMITS } from "./limits.ts";
import { type Reader, readVarint, readView } from "./reader.ts";
import { blockCount, type RenditionId } from "./segment.ts";
import { varintSize, type Writer, writeByte, writeBytes, writeVarint } from "./writer.ts";

/** Bits of an entry's first byte, its form. */
const BITMAP = 1;
const SAME_RENDITION = 2;

/** Appends the number of entries and the entries. A rendition is named once for each run of entries that share it. */
export function writeMap(writer: Writer, entries: readonly MapEntry[]): void {
  writeVarint(writer, FIELDS.mapEntries, entries.length);
  let named: RenditionId | undefined;
  for (const { key, bytes, blocks } of entries) {
    const same = key.rendition === named;
    writeByte(writer, (same ? SAME_RENDITION : 0) | (blocks === "all" ? 0 : BITMAP));
    if (!same) writeRendition(writer, key.rendition);
    writePlace(writer, key);
    writeVarint(writer, FIELDS.segmentBytes, bytes);
    if (blocks !== "all") {
      checkBitmap(blocks, blockCount(bytes));
      writeBytes(writer, blocks);
    }
    named = key.rendition;
  }
}

export function readMap(reader: Reader): MapEntry[] {
  const count = readVarint(reader, FIELDS.mapEntries);
  const entries: MapEntry[] = [];
  let named: RenditionId | undefined;
  for (let entry = 0; entry < count; entry++) {
    const form = readVarint(reader, FIELDS.entryForm);
    const rendition = readEntryRendition(reader, named, (form & SAME_RENDITION) !== 0);
    const key = readPlace(reader, rendition);
    const bytes = readVarint(reader, FIELDS.segmentBytes);
    const blocks = (form & BITMAP) === 0 ? "all" : readBitmap(reader, blockCount(bytes));
    entries.push({ key, bytes, blocks });
    named = rendition;
  }
  return entries;
}

/** There is one way to write a map: a rendition is left out exactly when the entry before has it. */
function readEntryRendition(reader: Reader, named: RenditionId | undefined, same: boolean): RenditionId {
  if (same && named !== undefined) return named;
  if (same) throw new FrameError("out-of-range", "The first entry of a map must name its rendition.");
  const rendition = readRendition(reader);
  if (rendition === named) throw new FrameError("out-of-range", "A map names the same rendition twice in a row.");
  return rendition;
}

/** A copy: maps are kept for long, and a view would keep the whole message alive. */
function readBitmap(reader: Reader, blocks: number): Uint8Array {
  const bitmap = new Uint8Array(readView(reader, Math.ceil(blocks / 8), "bitmap"));
  checkBitmap(bitmap, blocks);
  return bitmap;
}

/** Lowest bit of the first byte is block 0, so what pads the last byte are its highest bits. */
function checkBitmap(bitmap: Uint8Array, blocks: number): void {
  const length = Math.ceil(blocks / 8);
  const padding = 8 * length - blocks;
  const last = bitmap[length - 1] ?? 0;
  if (bitmap.length === length && last >>> (8 - padding) === 0) return;
  throw new FrameError("out-of-range", `A bitmap of ${blocks} blocks takes ${length} bytes, and its padding is zero.`);
}

function entrySize({ key, bytes, blocks }: MapEntry, named: RenditionId | undefined): number {
  const rendition = key.rendition === named ? 0 : varintSize(key.rendition.length) + key.rendition.length;
  const place = varintSize(key.msn) + varintSize(partCode(key.part));
  return 1 + rendition + place + varintSize(bytes) + (blocks === "all" ? 0 : blocks.length);
}

/**
 * The longest beginning of `entries` that one `map` frame can carry: at most `PEER_LIMITS.mapEntries` entries and
 * `PEER_LIMITS.frameBytes` bytes. Put first what others need most. Only sizes are looked at: `encodeFrame` still throws for
 * an entry that is wrong in itself.
 */
export function fitMap(entries: readonly MapEntry[]): MapEntry[] {
  let size = 0;
  let named: RenditionId | undefined;
  let fitting = 0;
  for (const entry of entries) {
    size += entrySize(entry, named);
    if (fitting === PEER_LIMITS.mapEntries || 1 + varintSize(fitting + 1) + size > PEER_LIMITS.frameBytes) break;
    named = entry.key.rendition;
    fitting += 1;
  }
  return entries.slice(0, fitting);
}
