import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { FramedSocket } from "../../../../tracker/ws/framed-socket.ts";

/** Each reads the same bytes: the tracker's socket, and `ws` itself, which says what is right. */
const READERS = { ours: FramedSocket, ws: WebSocket };
type Reader = keyof typeof READERS;

let http: Server;
const accepted = new Map<Reader, { readonly socket: WebSocket; readonly stream: Duplex }>();
beforeAll(async () => {
  http = createServer();
  const options = { noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024, maxFragments: 8 };
  const servers = {
    ours: new WebSocketServer({ ...options, WebSocket: READERS.ours }),
    ws: new WebSocketServer({ ...options, WebSocket: READERS.ws }),
  };
  http.on("upgrade", (request, stream, head) => {
    const reader = request.url === "/ours" ? "ours" : "ws";
    servers[reader].handleUpgrade(request, stream, head, (socket: WebSocket) => {
      if (socket instanceof FramedSocket) {
        countReadings(stream);
        socket.takeOver(stream);
      }
      accepted.set(reader, { socket, stream });
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
});
afterAll(() => http.close());

/** Pieces that were left to `ws` since the last socket was accepted. */
let leftToWs = 0;
function countReadings(stream: Duplex): void {
  leftToWs = 0;
  const [read] = stream.listeners("data");
  if (!read) throw new Error("`ws` does not listen");
  stream.off("data", read as () => void).on("data", function (this: Duplex, chunk: Buffer) {
    leftToWs += 1;
    read.call(this, chunk);
  });
}

/** What a socket makes of the pieces, and with which code it then closes, if it does. */
async function readBy(reader: Reader, pieces: readonly Buffer[]): Promise<string[]> {
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/${reader}`);
  await once(client, "open");
  const { socket, stream } = accepted.get(reader) ?? expect.fail("nobody was accepted");
  const heard: string[] = [];
  socket.on("message", (data, isBinary) => heard.push(`${isBinary ? "binary" : "text"} ${String(data)}`));
  socket.on("ping", (data) => heard.push(`ping ${data.toString("hex")}`));
  socket.on("pong", (data) => heard.push(`pong ${data.toString("hex")}`));
  socket.on("error", (error) => heard.push(`error ${(error as NodeJS.ErrnoException).code}`));
  const [closed, closedHere] = [once(client, "close"), new Promise((resolve) => socket.once("close", resolve))];
  // As if they had come in so. They are copied, since whoever reads takes off masks where they lie.
  for (const piece of pieces) {
    if (stream.destroyed) break;
    stream.emit("data", Buffer.from(piece));
    await nextTurn();
  }
  const isOpen = socket.readyState === WebSocket.OPEN;
  if (isOpen) client.terminate();
  const [code] = await closed;
  await closedHere;
  return isOpen ? [...heard, "open"] : [...heard, `closed ${code}`];
}

type Frame = {
  readonly first: number;
  readonly payload: Buffer;
  readonly masked?: boolean;
};
const [TEXT, MORE, FIN, RSV] = [1, 0, 0x80, 0x40];

/** A frame's bytes, as a client sends them (RFC 6455 section 5.2). */
function bytesOf({ first, payload, masked = true }: Frame): Buffer {
  const { length } = payload;
  const head = length <= 125 ? Buffer.from([first, length]) : Buffer.alloc(length <= 65_535 ? 4 : 10);
  if (length > 125) {
    head[0] = first;
    head[1] = length <= 65_535 ? 126 : 127;
    head.writeUIntBE(length, length <= 65_535 ? 2 : 6, length <= 65_535 ? 2 : 4);
  }
  if (!masked) return Buffer.concat([head, payload]);
  head[1] = (head[1] ?? 0) | 0x80;
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

const lengths = fc.constantFrom(0, 1, 3, 23, 124, 125, 126, 127, 300, 1500, 65_535, 65_536);
const words = fc
  .tuple(lengths, fc.constantFrom("s", "é", "🐟"))
  .map(([length, letter]) =>
    Buffer.from(letter.repeat(length).slice(0, Math.max(1, length / Buffer.byteLength(letter)))),
  );
const small = fc.uint8Array({ maxLength: 125 }).map((bytes) => Buffer.from(bytes));
const texts = words.map((payload): Frame[] => [{ first: FIN | TEXT, payload }]);
const controls = fc
  .tuple(fc.constantFrom(0x9, 0xa), small)
  .map(([opcode, payload]): Frame[] => [{ first: FIN | opcode, payload }]);
const fragments = fc
  .tuple(words, controls, words)
  .map(([one, between, other]): Frame[] => [
    { first: TEXT, payload: one },
    ...between,
    { first: FIN | MORE, payload: other },
  ]);
const binaries = small.map((payload): Frame[] => [{ first: FIN | 2, payload }]);
/** What nobody may send, or what is the last that anybody sends. */
const endings = fc.constantFrom<Frame[]>(
  [],
  [{ first: FIN | TEXT, payload: Buffer.from([0xff]) }],
  [{ first: FIN | TEXT, payload: Buffer.from("no mask"), masked: false }],
  [{ first: FIN | RSV | TEXT, payload: Buffer.from("compressed") }],
  [{ first: FIN | 3, payload: Buffer.from("a reserved kind") }],
  [{ first: FIN | MORE, payload: Buffer.from("goes on with nothing") }],
  [
    { first: TEXT, payload: Buffer.from("not at its end") },
    { first: FIN | TEXT, payload: Buffer.from("and another") },
  ],
  [{ first: 0x9, payload: Buffer.from("a ping in fragments") }],
  [{ first: FIN | 0x9, payload: Buffer.alloc(126) }],
  [{ first: FIN | TEXT, payload: Buffer.alloc(65_537, "l") }],
  [{ first: FIN | 0x8, payload: Buffer.from([0x0f, 0xa0, 0x62, 0x79, 0x65]) }],
  [{ first: FIN | 0x8, payload: Buffer.alloc(0) }],
);

const streams = fc
  .record({
    // Mostly what players send.
    begin: fc.array(
      fc.oneof({ weight: 6, arbitrary: texts }, controls, { weight: 1, arbitrary: fragments }, binaries),
      {
        maxLength: 8,
      },
    ),
    ending: endings,
    after: fc.array(texts, { maxLength: 2 }),
    // Where the network cuts: into whatever there is, into what a segment of TCP holds, or hardly ever.
    cuts: fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3000 }), fc.constant(70_000)), {
      minLength: 1,
      maxLength: 40,
    }),
  })
  .map(({ begin, ending, after, cuts }) => {
    const bytes = Buffer.concat([...begin, ending, ...after].flat().map(bytesOf));
    const pieces: Buffer[] = [];
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      // The last ones are long, or a stream of tiny pieces never ends.
      const cut = cuts[turn] ?? 20_000;
      pieces.push(bytes.subarray(at, at + cut));
      at += cut;
    }
    return pieces;
  });

test("whatever comes in, and wherever it is cut, is read as `ws` reads it", async () => {
  await fc.assert(
    fc.asyncProperty(streams, async (pieces) => {
      const [ours, right] = await Promise.all([readBy("ours", pieces), readBy("ws", pieces)]);
      expect(ours).toEqual(right);
    }),
    { numRuns: 300 },
  );
});

test.each([0, 1, 125, 126, 65_535])("a text of %d bytes is read without `ws`", async (length) => {
  const text = "x".repeat(length);
  const heard = await readBy("ours", [bytesOf({ first: FIN | TEXT, payload: Buffer.from(text) })]);
  expect([heard, leftToWs]).toEqual([[`text ${text}`, "open"], 0]);
});

test("whole texts never come to `ws`, and after one that came in two pieces that is so again", async () => {
  const frame = bytesOf({ first: FIN | TEXT, payload: Buffer.from("x".repeat(1500)) });
  const twice = Buffer.concat([frame, frame]);
  await readBy("ours", [frame, twice]);
  expect(leftToWs).toBe(0);
  await readBy("ours", [frame, frame.subarray(0, 900), frame.subarray(900), twice, frame]);
  expect(leftToWs).toBe(2);
});
