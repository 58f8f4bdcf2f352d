import type { Duplex } from "node:stream";

type Waiting = { readonly frames: Uint8Array[]; bytes: number };
let waiting = new Map<Duplex, Waiting>();

/**
 * Writes a frame to this TCP socket once the event loop has read from all others, together with what else there is for it by then:
 * in one system call, and in one piece, since `writev` with its list costs half as much again. Under load the writes are where
 * most of the tracker's time goes. Answers with the bytes that the socket has still to take.
 */
export function writeTogether(stream: Duplex, frame: Uint8Array): number {
  const own = entryOf(stream);
  own.frames.push(frame);
  own.bytes += frame.length;
  return own.bytes + stream.writableLength;
}

/** Holds back what others are about to write to this socket, likewise. */
export function holdTogether(stream: Duplex): void {
  stream.cork();
  entryOf(stream);
}

/** Writes at once what waits for this socket: something is to follow that does not come this way. */
export function writeNow(stream: Duplex): void {
  const own = waiting.get(stream);
  if (!own) return;
  waiting.delete(stream);
  release(stream, own);
}

function entryOf(stream: Duplex): Waiting {
  const known = waiting.get(stream);
  if (known) return known;
  const fresh = { frames: [], bytes: 0 };
  if (waiting.set(stream, fresh).size === 1) setImmediate(releaseAll);
  return fresh;
}

function releaseAll(): void {
  for (const [stream, own] of waiting) release(stream, own);
  // Not cleared: V8 links the table of a cleared map to its next one, so that one which has grown old keeps all later ones alive.
  waiting = new Map();
}

function release(stream: Duplex, { frames, bytes }: Waiting): void {
  const [only] = frames;
  if (only && stream.writable) stream.write(frames.length === 1 ? only : Buffer.concat(frames, bytes));
  stream.uncork();
}
