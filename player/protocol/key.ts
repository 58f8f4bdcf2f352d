import { FrameError } from "./errors.ts";
import { FIELDS, inRange } from "./fields.ts";
import { type Reader, readVarint, readView } from "./reader.ts";
import { parseRenditionId, type RenditionId, type SegmentKey } from "./segment.ts";
import { type Writer, writeByte, writeVarint } from "./writer.ts";

const badRendition = () =>
  new FrameError(
    "bad-text",
    "A rendition id is made of printable ASCII without space and slash; make it by renditionId().",
  );

/** Appends length and characters. */
export function writeRendition(writer: Writer, rendition: RenditionId): void {
  writeVarint(writer, FIELDS.renditionLength, rendition.length);
  if (parseRenditionId(rendition) === undefined) throw badRendition();
  for (let at = 0; at < rendition.length; at++) writeByte(writer, rendition.charCodeAt(at));
}

export function readRendition(reader: Reader): RenditionId {
  const length = readVarint(reader, FIELDS.renditionLength);
  const rendition = parseRenditionId(String.fromCharCode(...readView(reader, length, "rendition")));
  if (rendition === undefined) throw badRendition();
  return rendition;
}

/** The part's number on the wire: 0 for a whole segment, so that part 0 is 1. */
export const partCode = (part: number | undefined): number => (part === undefined ? 0 : part + 1);

/** Appends what a key has besides its rendition. */
export function writePlace(writer: Writer, key: SegmentKey): void {
  writeVarint(writer, FIELDS.msn, key.msn);
  // Looked at before it is shifted by one: part -1 would go out as the whole segment.
  if (key.part !== undefined) inRange(key.part, FIELDS.part);
  writeVarint(writer, FIELDS.partCode, partCode(key.part));
}

export function readPlace(reader: Reader, rendition: RenditionId): SegmentKey {
  const msn = readVarint(reader, FIELDS.msn);
  const code = readVarint(reader, FIELDS.partCode);
  return code === 0 ? { rendition, msn } : { rendition, msn, part: code - 1 };
}

export function writeKey(writer: Writer, key: SegmentKey): void {
  writeRendition(writer, key.rendition);
  writePlace(writer, key);
}

export const readKey = (reader: Reader): SegmentKey => readPlace(reader, readRendition(reader));
