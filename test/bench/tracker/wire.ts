import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Any 16 bytes do; a server answers to their form only. */
const KEY = Buffer.alloc(16, 7).toString("base64");
/** The mask is zeroes: servers take it off like every other, and putting it on costs the generator nothing. */
const MASK_BYTES = 4;
const TEXT = 0x81;
const PING = 0x89;
const PONG = 0x8a;

/**
 * The client's end of one WebSocket (RFC 6455), as little as a load generator needs, so that it costs less than any server
 * that it drives: whole frames, no fragments, no checks.
 */
export type Wire = {
  readonly send: (text: string) => void;
  /** Sends what `textFrame` made: what goes out time and again is made once. */
  readonly sendFrame: (frame: Buffer) => void;
  /** Called with each text message. */
  onText: (text: Buffer) => void;
  readonly close: () => void;
};

/** Opens a socket from `localAddress`: loopback has 16 million addresses, each with ports of its own. */
export async function openWire(port: number, path: string, localAddress: string): Promise<Wire> {
  const socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
  await once(socket, "connect");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Origin: https://video.example\r\nUser-Agent: bench\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`,
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  const head = answer.indexOf("\r\n\r\n") + 4;
  if (!answer.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101")) || head < 4) {
    throw new Error(`no upgrade: ${answer.toString("latin1", 0, 80)}`);
  }
  const wire: Wire = {
    send: (text) => socket.write(textFrame(text)),
    sendFrame: (frame) => socket.write(frame),
    onText: () => undefined,
    close: () => socket.off("close", hungUp).destroy(),
  };
  listen(socket, wire, answer.subarray(head));
  return wire;
}

/** Sends a frame to whoever is named, again and again to the same: it is made once for each in a row. */
export function repeating(wire: Wire, frameTo: (to: string) => Buffer): (to: string) => void {
  let last: { readonly to: string; readonly frame: Buffer } | undefined;
  return (to) => {
    if (last?.to !== to) last = { to, frame: frameTo(to) };
    wire.sendFrame(last.frame);
  };
}

export const textFrame = (text: string): Buffer => frameOf(TEXT, text, Buffer.byteLength(text));

function listen(socket: Socket, wire: Wire, early: Buffer): void {
  let rest = early;
  const read = (): void => {
    for (;;) {
      const frame = firstFrame(rest);
      if (!frame) return;
      rest = rest.subarray(frame.end);
      if (frame.opcode === TEXT) wire.onText(frame.payload);
      if (frame.opcode === PING) socket.write(frameOf(PONG, frame.payload, frame.payload.length));
    }
  };
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    read();
  });
  socket.on("close", hungUp);
  socket.on("error", () => undefined);
  // Whoever asked for the wire first says who listens.
  if (early.length > 0) setImmediate(read);
}

function firstFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1);
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < head) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < head + length) return undefined;
  return { opcode: bytes.readUInt8(0), payload: bytes.subarray(head, head + length), end: head + length };
}

/** `length` is the payload's, in bytes. */
function frameOf(opcode: number, payload: string | Buffer, length: number): Buffer {
  const head = length < 126 ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + MASK_BYTES + length);
  frame[0] = opcode;
  frame[1] = 0x80 | (head === 2 ? length : 126);
  if (head === 4) frame.writeUInt16BE(length, 2);
  frame.fill(0, head, head + MASK_BYTES);
  if (typeof payload === "string") frame.write(payload, head + MASK_BYTES);
  else frame.set(payload, head + MASK_BYTES);
  return frame;
}

/** Nobody would ever answer those who wait: better to end with an error than to wait for ever. */
function hungUp(this: Socket): never {
  throw new Error(`a server hung up on ${this.localAddress ?? "a viewer"} in the middle of the measurement`);
}
