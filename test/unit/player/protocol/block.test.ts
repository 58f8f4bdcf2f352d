import { describe, expect, it } from "vitest";
import { createEncoder, decodeFrame, encodeFrame, PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { faultOf } from "./fault-of.ts";

const block = (length: number) => ({ t: "block", id: 5, index: 0, bytes: new Uint8Array(length).fill(7) }) as const;
const withHead = (length: number) => Uint8Array.of(9, 5, 0, ...block(length).bytes);

function decodedBlock(bytes: Uint8Array): Uint8Array {
  const frame = decodeFrame(bytes);
  if (frame.t !== "block") throw new Error(`expected a block, got ${frame.t}`);
  return frame.bytes;
}

describe("block frames", () => {
  it("carry a block of full size", () => {
    const bytes = encodeFrame(block(PEER_LIMITS.blockBytes));
    expect(bytes.length).toBe(3 + PEER_LIMITS.blockBytes);
    expect(decodedBlock(bytes).length).toBe(PEER_LIMITS.blockBytes);
  });

  it("are written over each other by one encoder, and whole all the same", () => {
    const encode = createEncoder();
    const large = encode(block(1000));
    const small = encode(block(4));
    expect(small.buffer).toBe(large.buffer);
    expect([...small]).toEqual([...withHead(4)]);
    expect([...encode(block(1000))]).toEqual([...withHead(1000)]);
  });

  it("are never sent empty or longer than a block", () => {
    expect(faultOf(() => encodeFrame(block(0)))).toBe("out-of-range");
    expect(faultOf(() => encodeFrame(block(PEER_LIMITS.blockBytes + 1)))).toBe("out-of-range");
  });

  it("are refused when longer than a block, even inside the largest frame", () => {
    expect(faultOf(() => decodeFrame(withHead(PEER_LIMITS.blockBytes)))).toBeUndefined();
    expect(faultOf(() => decodeFrame(withHead(PEER_LIMITS.blockBytes + 1)))).toBe("out-of-range");
    expect(faultOf(() => decodeFrame(withHead(PEER_LIMITS.frameBytes - 3)))).toBe("out-of-range");
  });

  it("give the bytes as a view of the message", () => {
    const message = withHead(4);
    message[3] = 99;
    const bytes = decodedBlock(message);
    expect(bytes.buffer).toBe(message.buffer);
    expect([...bytes]).toEqual([99, 7, 7, 7]);
  });

  it("are read in the middle of a larger buffer", () => {
    const pool = new Uint8Array(100).fill(1);
    pool.set(withHead(4), 40);
    expect([...decodedBlock(pool.subarray(40, 47))]).toEqual([7, 7, 7, 7]);
  });

  it("give plain bytes for a Node Buffer, whose own slice would not copy", () => {
    const bytes = decodedBlock(Buffer.from(withHead(4)));
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect([...bytes]).toEqual([7, 7, 7, 7]);
  });

  it("leave the sender's block untouched and unshared", () => {
    const sent = block(4);
    const message = encodeFrame(sent);
    message.fill(0);
    expect([...sent.bytes]).toEqual([7, 7, 7, 7]);
  });
});
