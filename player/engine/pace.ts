import { PEER_LIMITS } from "../protocol/index.ts";
import type { Core } from "./core.ts";
import { average } from "./estimate.ts";
import type { Ask, Neighbour } from "./neighbour.ts";
import type { Millis } from "./types.ts";

/** Until any is measured, a neighbour is taken for an ordinary home line: 2 Mbit/s up, 150 ms away. */
const GUESSED_BYTES_PER_MS = 250;
const GUESSED_RESPONSE_MS = 150;
/** Blocks asked of one neighbour at one time. */
const LEAST_WINDOW = 2;
const MOST_WINDOW = 16;
/** Bytes over which a neighbour's rate is taken. */
const RATE_BYTES = 3 * PEER_LIMITS.blockBytes;

/** How soon a neighbour's first block will likely come: as of late, or as others' of late while it has sent none. */
export const responseMs = (core: Core, n: Neighbour): Millis => n.responseMs ?? core.responseMs ?? GUESSED_RESPONSE_MS;

export const bytesPerMs = (n: Neighbour): number => Math.max(1, n.bytesPerMs ?? GUESSED_BYTES_PER_MS);

/** Blocks that keep its line busy over one response time and a quarter of a second. */
export function window(core: Core, n: Neighbour): number {
  const wanted = Math.ceil((bytesPerMs(n) * (responseMs(core, n) + 250)) / PEER_LIMITS.blockBytes);
  return Math.max(LEAST_WINDOW, Math.min(MOST_WINDOW, wanted));
}

/**
 * A block came. The first of a burst tells the response time; the rate is taken over several blocks, since one alone arrives
 * from the receive buffer in no time and would tell many times the true rate.
 */
export function measure(core: Core, n: Neighbour, ask: Ask, size: number): void {
  const first = n.movedAt <= ask.askedAt;
  n.movedAt = core.now;
  if (first) {
    const ms = core.now - ask.askedAt;
    n.responseMs = average(n.responseMs, ms);
    core.responseMs = average(core.responseMs, ms);
    n.burst = { bytes: 0, from: core.now };
    return;
  }
  n.burst.bytes += size;
  const ms = core.now - n.burst.from;
  if (n.burst.bytes < RATE_BYTES || ms <= 0) return;
  n.bytesPerMs = average(n.bytesPerMs, n.burst.bytes / ms);
  n.burst = { bytes: 0, from: core.now };
}
