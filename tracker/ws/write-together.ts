import type { Duplex } from "node:stream";

/** How long a socket's first frame waits for company, in milliseconds. Signals between viewers take tens of them anyway. */
const WAIT_MS = 2;

const corked: Duplex[] = [];

/**
 * Holds back what is written to this TCP socket for a moment, so that it goes out in one system call, and all sockets that have
 * something are written to in one go. Under load the writes are where most of the tracker's time goes.
 */
export function writeTogether(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  if (corked.push(stream) === 1) setTimeout(release, WAIT_MS);
}

function release(): void {
  for (const stream of corked.splice(0)) stream.uncork();
}
