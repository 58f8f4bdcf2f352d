import { readDigests } from "./digests.ts";
import { FrameError } from "./errors.ts";
import { checkRun, FIELDS, FRAME_CODES, inRange, UPLOADS } from "./fields.ts";
import { type Frame, PEER_PROTOCOL_VERSION, REFUSALS, STANDINGS } from "./frames.ts";
import { readMap } from "./have-map.ts";
import { readKey, readRendition } from "./key.ts";
import { PEER_LIMITS } from "./limits.ts";
import { type Reader, readByte, readChoice, readVarint, readView, remaining } from "./reader.ts";
import { blockCount } from "./segment.ts";

/**
 * Reads one message from a neighbour. Accepts exactly what `encodeFrame` can write. A block's bytes are a view of `bytes`;
 * all else is copied. Throws only `FrameError`.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length > PEER_LIMITS.frameBytes) {
    throw new FrameError("too-large", `The frame has ${bytes.length} bytes; ${PEER_LIMITS.frameBytes} are allowed.`);
  }
  if (bytes.length === 0) throw new FrameError("empty", "The frame has no bytes, not even its type.");
  const reader: Reader = { bytes, at: 0 };
  const frame = readFrame(reader);
  if (remaining(reader) > 0) {
    throw new FrameError("trailing-bytes", `The frame goes on for ${remaining(reader)} bytes after its end.`);
  }
  return frame;
}

function readFrame(reader: Reader): Frame {
  const code = readByte(reader, "type");
  switch (code) {
    case FRAME_CODES.hello:
      return {
        t: "hello",
        version: readVarint(reader, FIELDS.version),
        upload: readChoice(reader, "upload choice", UPLOADS),
        ageMs: readVarint(reader, FIELDS.age),
      };
    case FRAME_CODES.position:
      return {
        t: "position",
        rendition: readRendition(reader),
        asked: readVarint(reader, FIELDS.msn),
        uplink: readVarint(reader, FIELDS.uplink),
      };
    case FRAME_CODES.map:
      return { t: "map", entries: readMap(reader) };
    case FRAME_CODES.have:
      return readHave(reader);
    case FRAME_CODES.tracker:
      return { t: "tracker", standing: readChoice(reader, "standing", STANDINGS) };
    case FRAME_CODES.vouch:
      return readVouch(reader);
    case FRAME_CODES.lost:
      return { t: "lost", key: readKey(reader) };
    case FRAME_CODES.buying:
      return { t: "buying", key: readKey(reader) };
    case FRAME_CODES.request:
      return readRequest(reader);
    case FRAME_CODES.cancel:
      return { t: "cancel", id: readVarint(reader, FIELDS.requestId) };
    case FRAME_CODES.block:
      return readBlock(reader);
    case FRAME_CODES.refuse:
      return {
        t: "refuse",
        id: readVarint(reader, FIELDS.requestId),
        reason: readChoice(reader, "refusal", REFUSALS),
      };
    default:
      throw new FrameError(
        "unknown-type",
        `Type ${code} is none of version ${PEER_PROTOCOL_VERSION} of the peer protocol.`,
      );
  }
}

function readVouch(reader: Reader): Frame {
  const key = readKey(reader);
  const bytes = readVarint(reader, FIELDS.segmentBytes);
  return { t: "vouch", key, bytes, digests: readDigests(reader, blockCount(bytes)) };
}

function readHave(reader: Reader): Frame {
  const key = readKey(reader);
  const bytes = readVarint(reader, FIELDS.segmentBytes);
  const from = readVarint(reader, FIELDS.blockIndex);
  const count = readVarint(reader, FIELDS.haveCount);
  checkRun(from, count, blockCount(bytes));
  return { t: "have", key, bytes, from, count };
}

function readRequest(reader: Reader): Frame {
  const id = readVarint(reader, FIELDS.requestId);
  const key = readKey(reader);
  const from = readVarint(reader, FIELDS.blockIndex);
  const count = readVarint(reader, FIELDS.requestCount);
  checkRun(from, count, PEER_LIMITS.blocksPerSegment);
  return { t: "request", id, key, from, count };
}

/** The message's end is the block's end: no length is written. */
function readBlock(reader: Reader): Frame {
  const id = readVarint(reader, FIELDS.requestId);
  const index = readVarint(reader, FIELDS.blockIndex);
  const length = inRange(remaining(reader), FIELDS.blockLength);
  return { t: "block", id, index, bytes: readView(reader, length, "block") };
}
