import { isUtf8 } from "node:buffer";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { frameAt, type IncomingFrame, unmask } from "./incoming-frame.ts";
import { frameLength, type Outgoing, writeFrame } from "./text-frame.ts";

/**
 * Where messages are put together, for one socket after the other. The system nearly always takes a write at once, and then the memory
 * is free again; a buffer for each message would be half of what a relay allocates. Small, since a write that is not taken keeps it.
 */
const SHARED_BYTES = 16 * 1024;
let shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

/** Those who have something to say once the event loop has gone round. */
let speakers: FramedSocket[] = [];

/** Stands on a TCP socket for the one who reads it: all of them share one handler. */
const READER = Symbol("reader");
/** One of `node:net`, which does not look at a chunk again once it has left `writableLength`. */
type TcpSocket = Duplex & { [READER]?: FramedSocket };
type OnData = (this: Duplex, chunk: Buffer) => void;
/** Everything that is still to come. */
const ALL = -1;

/**
 * A WebSocket whose messages go to its TCP socket together: once the event loop has read from all others, in one system call and in
 * one piece, since `writev` with its list costs half as much again. Under load the writes are where most of the tracker's time goes.
 *
 * A text that comes in as one frame and as a whole, which most do, is read where it lies. All else is left to `ws`, whose way for
 * whatever there may be leaves a kilobyte of garbage for each message.
 */
export class FramedSocket extends WebSocket {
  stream: TcpSocket | undefined;
  private waiting: Outgoing[] | undefined;
  private waitingBytes = 0;
  private readAsWs: OnData | undefined;
  /** Bytes to come that are for `ws`: the rest of a frame whose beginning it has, or `ALL`. */
  private leftToWs = 0;

  /** Takes over from `ws`, which has just begun to listen to this TCP socket. Nothing has been read yet. */
  takeOver(stream: TcpSocket): void {
    this.stream = stream;
    const [readAsWs] = stream.listeners("data") as OnData[];
    if (!readAsWs) return;
    this.readAsWs = readAsWs;
    stream[READER] = this;
    stream.off("data", readAsWs).on("data", onData);
  }

  /** Takes what has come in: a piece of the stream that begins and ends anywhere. */
  read(chunk: Buffer): void {
    // Whether a text that `ws` has begun is UTF-8 is seen at its end, and a tick passes before `ws` says so.
    const isForWs = this.leftToWs !== 0;
    let at = isForWs ? this.giveToWs(chunk, 0, this.leftToWs) : 0;
    while (at < chunk.length) {
      const frame = frameAt(chunk, at);
      if (frame?.kind === "text" && frame.end <= chunk.length && !isForWs) at = this.hear(chunk, at, frame);
      // What is no such frame may be the first of several fragments, or the last of all: from here on `ws` reads.
      else at = this.giveToWs(chunk, at, frame ? frame.end - at : ALL);
    }
  }

  private hear(chunk: Buffer, at: number, frame: IncomingFrame): number {
    unmask(chunk, frame);
    const text = chunk.subarray(frame.payload, frame.end);
    if (isUtf8(text)) {
      this.emit("message", text, false);
      return frame.end;
    }
    // What to say to that is for `ws` to know, which gets it as it came.
    unmask(chunk, frame);
    return this.giveToWs(chunk, at, ALL);
  }

  /** Gives `ws` so many bytes from `at` on, some of which may have yet to come. Answers with where it has got to. */
  private giveToWs(chunk: Buffer, at: number, bytes: number): number {
    const { stream, readAsWs } = this;
    const end = bytes === ALL ? chunk.length : Math.min(chunk.length, at + bytes);
    this.leftToWs = bytes === ALL ? ALL : at + bytes - end;
    if (!stream || !readAsWs) return end;
    readAsWs.call(stream, chunk.subarray(at, end));
    // After an error `ws` takes no more, and would leave the stream paused: its end would go unseen.
    if (this.readyState !== this.OPEN) stream.resume();
    return end;
  }

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

function onData(this: TcpSocket, chunk: Buffer): void {
  this[READER]?.read(chunk);
}

function sendAll(): void {
  const all = speakers;
  // Not emptied: a list that has grown long keeps its room.
  speakers = [];
  for (const socket of all) socket.sendNow();
}
