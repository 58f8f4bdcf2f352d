import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { FramedSocket } from "../../../../tracker/ws/framed-socket.ts";
import { peerId } from "../support/values.ts";

let http: Server;
let url: string;
const accepted: FramedSocket[] = [];
beforeEach(async () => {
  http = createServer();
  const server = new WebSocketServer({ noServer: true, WebSocket: FramedSocket, perMessageDeflate: false });
  http.on("upgrade", (request, stream, head) => {
    server.handleUpgrade(request, stream, head, (socket) => {
      socket.takeOver(stream);
      accepted.push(socket);
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of accepted.splice(0)) socket.terminate();
  http.close();
});

/** A socket of ours, what its other side has heard, and that side. */
async function open() {
  const client = new WebSocket(url);
  const heard: string[] = [];
  client.on("message", (data) => heard.push(String(data)));
  await once(client, "open");
  const socket = accepted.at(-1);
  if (!socket) throw new Error("nobody was accepted");
  return { socket, client, heard };
}

/** Keeps what is written to a socket's stream from now on. */
function recordWrites({ stream }: FramedSocket, chunks: Buffer[]): void {
  if (!stream) throw new Error("the socket has no stream");
  const write = stream.write.bind(stream);
  stream.write = (chunk: Buffer) => {
    chunks.push(chunk);
    return write(chunk);
  };
}

test("messages of one turn leave as one piece, in their order, texts and signals alike", async () => {
  const { socket, heard } = await open();
  const chunks: Buffer[] = [];
  recordWrites(socket, chunks);
  const [to, sender] = [peerId("to"), peerId("from")];
  socket.sendTogether("first");
  socket.sendTogether({ sender, signal: Buffer.from(`>${to}é🐟`) });
  const left = socket.sendTogether("x".repeat(70_000));
  expect(chunks).toEqual([]);
  await expect.poll(() => heard).toEqual(["first", `<${sender}é🐟`, "x".repeat(70_000)]);
  expect(chunks.map((chunk) => chunk.length)).toEqual([left]);
});

test("what one socket has not taken yet is not written over by what others are told", async () => {
  const [slow, other] = [await open(), await open()];
  slow.client.pause();
  const sent: string[] = [];
  while ((slow.socket.stream?.writableLength ?? 0) === 0) {
    sent.push(String(sent.length).padEnd(9000, "s"));
    slow.socket.sendTogether(sent.at(-1) ?? "");
    slow.socket.sendNow();
    other.socket.sendTogether("o".repeat(9000));
    other.socket.sendNow();
  }
  // What is said to it from now on waits in memory of no more than its own size.
  const chunks: Buffer[] = [];
  recordWrites(slow.socket, chunks);
  sent.push("a few bytes more");
  slow.socket.sendTogether("a few bytes more");
  slow.socket.sendNow();
  expect(chunks.map((chunk) => chunk.buffer.byteLength)).toEqual(chunks.map((chunk) => chunk.length));
  slow.client.resume();
  await expect.poll(() => slow.heard.length, { timeout: 5000 }).toBe(sent.length);
  expect(slow.heard).toEqual(sent);
});

test("what waits goes out before the socket closes", async () => {
  const { socket, client, heard } = await open();
  socket.sendTogether("last words");
  socket.close(4000, "done");
  const [code] = await once(client, "close");
  expect([heard, code]).toEqual([["last words"], 4000]);
});
