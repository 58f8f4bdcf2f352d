import { writeDigests } from "./digests.ts";
import { FrameError } from "./errors.ts";
import { checkRun, FIELDS, FRAME_CODES, inRange, UPLOADS } from "./fields.ts";
import { type Frame, REFUSALS, STANDINGS } from "./frames.ts";
import { writeMap } from "./have-map.ts";
import { writeKey, writeRendition } from "./key.ts";
import { PEER_LIMITS } from "./limits.ts";
import { blockCount } from "./segment.ts";
import { newWriter, type Writer, writeByte, writeBytes, writeChoice, writeVarint } from "./writer.ts";

/**
 * Makes an encoder: it gives a frame's bytes, to be sent as one message. They are a view of a buffer that the next call writes
 * over, so that sending a block leaves nothing to be collected; data channels copy what they are given. Throws only `FrameError`,
 * for a frame that the other side would refuse: `out-of-range`, `bad-text`, or `too-large` (a map that did not go through `fitMap`).
 */
export function createEncoder(): (frame: Frame) => Uint8Array {
  const writer = newWriter();
  return (frame) => {
    writer.length = 0;
    writeFrame(writer, frame);
    return writer.buffer.subarray(0, writer.length);
  };
}

/** The frame's bytes in a buffer of their own; throws as `createEncoder` says. */
export const encodeFrame = (frame: Frame): Uint8Array => createEncoder()(frame);

function writeFrame(writer: Writer, frame: Frame): void {
  writeByte(writer, FRAME_CODES[frame.t]);
  switch (frame.t) {
    case "hello":
      writeVarint(writer, FIELDS.version, frame.version);
      writeChoice(writer, "upload choice", UPLOADS, frame.upload);
      writeVarint(writer, FIELDS.age, frame.ageMs);
      break;
    case "position":
      writeRendition(writer, frame.rendition);
      writeVarint(writer, FIELDS.msn, frame.asked);
      writeVarint(writer, FIELDS.uplink, frame.uplink);
      break;
    case "map":
      writeMap(writer, frame.entries);
      break;
    case "have":
      writeKey(writer, frame.key);
      writeVarint(writer, FIELDS.segmentBytes, frame.bytes);
      writeVarint(writer, FIELDS.blockIndex, frame.from);
      writeVarint(writer, FIELDS.haveCount, frame.count);
      checkRun(frame.from, frame.count, blockCount(frame.bytes));
      break;
    case "tracker":
      writeChoice(writer, "standing", STANDINGS, frame.standing);
      break;
    case "vouch":
      writeKey(writer, frame.key);
      writeVarint(writer, FIELDS.segmentBytes, frame.bytes);
      writeDigests(writer, frame.digests, blockCount(frame.bytes));
      break;
    case "lost":
    case "buying":
      writeKey(writer, frame.key);
      break;
    case "request":
      writeVarint(writer, FIELDS.requestId, frame.id);
      writeKey(writer, frame.key);
      writeVarint(writer, FIELDS.blockIndex, frame.from);
      writeVarint(writer, FIELDS.requestCount, frame.count);
      checkRun(frame.from, frame.count, PEER_LIMITS.blocksPerSegment);
      break;
    case "cancel":
      writeVarint(writer, FIELDS.requestId, frame.id);
      break;
    case "block":
      inRange(frame.bytes.length, FIELDS.blockLength);
      writeVarint(writer, FIELDS.requestId, frame.id);
      writeVarint(writer, FIELDS.blockIndex, frame.index);
      writeBytes(writer, frame.bytes);
      break;
    case "refuse":
      writeVarint(writer, FIELDS.requestId, frame.id);
      writeChoice(writer, "refusal", REFUSALS, frame.reason);
      break;
    default:
      frame satisfies never;
      throw new FrameError("unknown-type", "No such frame; see FRAME_CODES.");
  }
}
