import type { Digest } from "../../tracker/protocol/index.ts";
import { FrameError } from "./errors.ts";
import { type Reader, readView } from "./reader.ts";
import { type Writer, writeByte } from "./writer.ts";

/** A digest's characters, base64url; written as they are. */
const DIGEST_LENGTH = 22;
const DIGEST = /^[A-Za-z0-9_-]{22}$/;

const badDigest = () => new FrameError("bad-text", "A digest is 22 characters of base64url.");

/** Appends the digests of a segment of `blocks` blocks, one each. Throws `out-of-range` for another number of them. */
export function writeDigests(writer: Writer, digests: readonly Digest[], blocks: number): void {
  if (digests.length !== blocks) {
    throw new FrameError("out-of-range", `A segment of ${blocks} blocks has ${blocks} digests, not ${digests.length}.`);
  }
  for (const digest of digests) {
    if (!DIGEST.test(digest)) throw badDigest();
    for (let at = 0; at < DIGEST_LENGTH; at++) writeByte(writer, digest.charCodeAt(at));
  }
}

/** Reads `blocks` digests. */
export function readDigests(reader: Reader, blocks: number): Digest[] {
  const characters = readView(reader, blocks * DIGEST_LENGTH, "digests");
  return Array.from({ length: blocks }, (_, i) => {
    const text = String.fromCharCode(...characters.subarray(i * DIGEST_LENGTH, (i + 1) * DIGEST_LENGTH));
    if (!DIGEST.test(text)) throw badDigest();
    return text as Digest;
  });
}
