import { FrameError } from "./errors.ts";
import { type Field, inRange, VARINT_BYTES } from "./fields.ts";

/** A place in a received frame. Every `read…` function moves it on, and throws only `FrameError`. */
export type Reader = { readonly bytes: Uint8Array; at: number };

/** The next byte. */
export function readByte(reader: Reader, name: string): number {
  const byte = reader.bytes[reader.at];
  if (byte === undefined) throw new FrameError("truncated", `The frame ends before its ${name}.`);
  reader.at += 1;
  return byte;
}

/** An unsigned LEB128 number inside the field's range. Written with more bytes than it needs, it is `out-of-range`. */
export function readVarint(reader: Reader, field: Field): number {
  let value = 0;
  // Multiplied, not shifted: shifts work on 32 bits only.
  let weight = 1;
  for (let length = 1; length <= VARINT_BYTES; length++) {
    const byte = readByte(reader, field.name);
    value += (byte & 0x7f) * weight;
    if (byte < 0x80) {
      if (byte === 0 && length > 1) throw new FrameError("out-of-range", `The ${field.name} is written too long.`);
      return inRange(value, field);
    }
    weight *= 0x80;
  }
  throw new FrameError("out-of-range", `The ${field.name} takes more than ${VARINT_BYTES} bytes.`);
}

/** One of `values`, which is on the wire as its place in the list. */
export function readChoice<T>(reader: Reader, name: string, values: readonly T[]): T {
  const value = values[readByte(reader, name)];
  if (value === undefined) throw new FrameError("out-of-range", `The ${name} is none that this version knows.`);
  return value;
}

/** The next `length` bytes as a view of the frame: nothing is copied. */
export function readView(reader: Reader, length: number, name: string): Uint8Array {
  const { bytes, at } = reader;
  if (length > bytes.length - at) throw new FrameError("truncated", `The frame ends inside its ${name}.`);
  reader.at += length;
  // Not `subarray`: of a Node Buffer that would be a Buffer again, whose `slice` does not copy.
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}

/** How many bytes are left. */
export const remaining = (reader: Reader): number => reader.bytes.length - reader.at;
