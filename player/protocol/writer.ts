import { FrameError } from "./errors.ts";
import { type Field, inRange, VARINT_BYTES } from "./fields.ts";
import { PEER_LIMITS } from "./limits.ts";

/** A frame in the making. Every `write…` function throws only `FrameError`, `too-large` when the frame outgrows its cap. */
export type Writer = { readonly buffer: Uint8Array; length: number };

/** An empty frame with room for the largest. */
export const newWriter = (): Writer => ({ buffer: new Uint8Array(PEER_LIMITS.frameBytes), length: 0 });

function reserve(writer: Writer, bytes: number): void {
  if (writer.length + bytes <= writer.buffer.length) return;
  throw new FrameError("too-large", `The frame would exceed ${PEER_LIMITS.frameBytes} bytes; say less in one frame.`);
}

/** Appends one byte, 0-255. */
export function writeByte(writer: Writer, byte: number): void {
  reserve(writer, 1);
  writer.buffer[writer.length++] = byte;
}

/** Appends `value` as unsigned LEB128. Throws `out-of-range` when it lies outside the field. */
export function writeVarint(writer: Writer, field: Field, value: number): void {
  let rest = inRange(value, field);
  while (rest >= 0x80) {
    writeByte(writer, 0x80 | (rest % 0x80));
    rest = Math.floor(rest / 0x80);
  }
  writeByte(writer, rest);
}

/** Bytes that `writeVarint` takes for `value`, a whole number of 0 or more. */
export function varintSize(value: number): number {
  let size = 1;
  for (let limit = 0x80; value >= limit && size < VARINT_BYTES; limit *= 0x80) size += 1;
  return size;
}

/** Appends the place of `value` in `values`. Throws `out-of-range` when it is not there. */
export function writeChoice<T>(writer: Writer, name: string, values: readonly T[], value: NoInfer<T>): void {
  const place = values.indexOf(value);
  if (place === -1) throw new FrameError("out-of-range", `The ${name} is none that this version knows.`);
  writeByte(writer, place);
}

/** Appends a copy of `bytes`. */
export function writeBytes(writer: Writer, bytes: Uint8Array): void {
  reserve(writer, bytes.length);
  writer.buffer.set(bytes, writer.length);
  writer.length += bytes.length;
}
