import type { Duplex } from "node:stream";

const corked: Duplex[] = [];

/**
 * Holds back what is written to this TCP socket until the event loop has read from all others, so that it goes out in one system call.
 * Under load that is where most of the tracker's time goes.
 */
export function writeTogether(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  if (corked.push(stream) === 1) setImmediate(release);
}

function release(): void {
  for (const stream of corked.splice(0)) stream.uncork();
}
