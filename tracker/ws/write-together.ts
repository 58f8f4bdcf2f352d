import type { Duplex } from "node:stream";

/** How long a socket's first frame waits for company, in milliseconds. A viewer's own way to the tracker takes ten or more. */
const WAIT_MS = 1;

type Waiting = { readonly frames: Uint8Array[]; bytes: number };
const waiting = new Map<Duplex, Waiting>();

/**
 * Writes a frame to this TCP socket in a moment, together with what else comes for it until then: one system call, and one piece,
 * since `writev` with its list costs as much again. All sockets that have something are written to in one go. Under load
 * the writes are where most of the tracker's time goes. Answers with the bytes that the socket has still to take.
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
  if (waiting.set(stream, fresh).size === 1) setTimeout(releaseAll, WAIT_MS);
  return fresh;
}

function releaseAll(): void {
  for (const [stream, own] of waiting) release(stream, own);
  waiting.clear();
}

function release(stream: Duplex, { frames, bytes }: Waiting): void {
  const [only] = frames;
  if (only && stream.writable) stream.write(frames.length === 1 ? only : Buffer.concat(frames, bytes));
  stream.uncork();
}
