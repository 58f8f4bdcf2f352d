/**
 * As little as a signalling server in Node can do: `bare.ts PORT`. Node's own HTTP server and sockets, frames cut by hand, a list of
 * names. It speaks enough of Shoal's protocol for the bench and nothing else: no limits, no checks, masks left on (the
 * bench's are zeroes), neighbours drawn by chance, nobody told who is going to call. It is a yardstick, no rival.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { NEIGHBOURS } from "../viewers/viewer.ts";

/** RFC 6455, section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 0x81;
const MASK_BYTES = 4;
const [SIGNAL, SIGNALLED] = [">".charCodeAt(0), "<".charCodeAt(0)];
/** A signal is a mark, an id, and what one viewer has to say to the other. */
const ID_BYTES = 22;
const HEAD_BYTES = 1 + ID_BYTES;

type Peer = { readonly id: string; readonly socket: Duplex };
const peers = new Map<string, Peer>();
const streams = new Map<string, Peer[]>();

const server = createServer();
server.on("upgrade", ({ headers }, socket) => {
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${GUID}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const peer = { id: randomBytes(16).toString("base64url"), socket };
  let stream: Peer[] | undefined;
  listen(socket, (text) => {
    if (text[0] === SIGNAL) relay(peer, text);
    else stream = join(peer, text);
  });
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("close", () => {
    peers.delete(peer.id);
    stream?.splice(stream.indexOf(peer), 1);
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1");

function join(peer: Peer, text: Buffer): Peer[] {
  const { stream } = JSON.parse(text.toString()) as { stream: string };
  const there = streams.get(stream) ?? [];
  streams.set(stream, there);
  const drawn = new Set<Peer>();
  while (drawn.size < Math.min(NEIGHBOURS, there.length)) {
    const one = there[Math.floor(Math.random() * there.length)];
    if (one !== undefined) drawn.add(one);
  }
  there.push(peer);
  peers.set(peer.id, peer);
  const neighbours = [...drawn].map(({ id }) => ({ id }));
  const welcome = Buffer.from(JSON.stringify({ t: "welcome", id: peer.id, size: there.length, neighbours }));
  const frame = frameFor(welcome.length);
  welcome.copy(frame, frame.length - welcome.length);
  peer.socket.write(frame);
  return there;
}

function relay(from: Peer, text: Buffer): void {
  const to = peers.get(text.toString("latin1", 1, HEAD_BYTES));
  const frame = frameFor(text.length);
  const at = frame.length - text.length;
  frame[at] = SIGNALLED;
  frame.write(from.id, at + 1, "latin1");
  text.copy(frame, at + HEAD_BYTES, HEAD_BYTES);
  to?.socket.write(frame);
}

/** A text frame with room for `length` bytes, less than 64 KiB, at its end. */
function frameFor(length: number): Buffer {
  const head = length < 126 ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = TEXT;
  frame[1] = head === 2 ? length : 126;
  if (head === 4) frame.writeUInt16BE(length, 2);
  return frame;
}

function listen(socket: Duplex, onText: (text: Buffer) => void): void {
  let rest: Buffer | undefined;
  socket.on("data", (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (at + 2 <= bytes.length) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const start = at + (short === 126 ? 4 : 2) + MASK_BYTES;
      const end = start + (short === 126 && start <= bytes.length ? bytes.readUInt16BE(at + 2) : short);
      if (end > bytes.length) break;
      if (bytes[at] === TEXT) onText(bytes.subarray(start, end));
      at = end;
    }
    rest = at < bytes.length ? bytes.subarray(at) : undefined;
  });
}
