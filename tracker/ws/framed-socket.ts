import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { frameLength, type Outgoing, writeFrame } from "./text-frame.ts";

/**
 * Where messages are put together, for one socket after the other. The system nearly always takes a write at once, and then the memory
 * is free again; a buffer for each message would be half of what a relay allocates. Small, since a write that is not taken keeps it.
 */
const SHARED_BYTES = 16 * 1024;
let shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

/** Those who have something to say once the event loop has gone round. */
let speakers: FramedSocket[] = [];

/**
 * A WebSocket whose messages go to its TCP socket together: once the event loop has read from all others, in one system call and in
 * one piece, since `writev` with its list costs half as much again. Under load the writes are where most of the tracker's time goes.
 */
export class FramedSocket extends WebSocket {
  /** The TCP socket: one of `node:net`, which does not look at a chunk again once it has left `writableLength`. */
  stream: Duplex | undefined;
  private waiting: Outgoing[] | undefined;
  private waitingBytes = 0;

  /** Sends a message, together with what else there will be in this turn. Answers with the bytes that the socket has still to take. */
  sendTogether(message: Outgoing): number {
    if (this.waiting) this.waiting.push(message);
    else {
      this.waiting = [message];
      if (speakers.push(this) === 1) setImmediate(sendAll);
    }
    this.waitingBytes += frameLength(message);
    return this.waitingBytes + (this.stream?.writableLength ?? 0);
  }

  /** `ws` calls this too, when the other side closes. Nothing may follow a closing frame. */
  override close(code?: number, reason?: string | Buffer): void {
    this.sendNow();
    super.close(code, reason);
  }

  /** Writes what waits. */
  sendNow(): void {
    const { stream, waiting, waitingBytes } = this;
    this.waiting = undefined;
    this.waitingBytes = 0;
    if (!waiting || !stream?.writable) return;
    const isShared = waitingBytes <= SHARED_BYTES && stream.writableLength === 0;
    const frames = isShared ? shared : Buffer.allocUnsafeSlow(waitingBytes);
    let end = 0;
    for (const message of waiting) end = writeFrame(message, frames, end);
    stream.write(frames.subarray(0, end));
    if (isShared && stream.writableLength > 0) shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  }
}

function sendAll(): void {
  const all = speakers;
  // Not emptied: a list that has grown long keeps its room.
  speakers = [];
  for (const socket of all) socket.sendNow();
}
