import { PEER_LIMITS } from "../protocol/index.ts";
import type { Core } from "./core.ts";
import { average } from "./estimate.ts";
import type { Neighbour } from "./neighbour.ts";

/** Taken for the uplink's rate before it is measured: 8 Mbit/s. */
const GUESSED_BYTES_PER_MS = 1000;
/** Bytes over which the uplink's rate is taken. */
const RATE_BYTES = 4 * PEER_LIMITS.blockBytes;

/** What the uplink was measured to send while it was busy, in bytes per millisecond. */
export const uplinkRate = (core: Core): number =>
  Math.min(core.bucket.bytesPerMs, core.uplink.bytesPerMs ?? GUESSED_BYTES_PER_MS);

/** A link took all that it was given: tells the uplink's rate over a busy time. */
export function onWritable(core: Core, n: Neighbour): void {
  const { uplink } = core;
  uplink.drained += n.linkBytes;
  n.linkBytes = 0;
  const ms = core.now - uplink.busySince;
  if (uplink.drained >= RATE_BYTES && ms > 0) {
    uplink.bytesPerMs = average(uplink.bytesPerMs, uplink.drained / ms);
    uplink.drained = 0;
    uplink.busySince = core.now;
  }
}

/** Steps that double a rate. With fewer, a narrow uplink passes for a wide one; with more, what neighbours were told is soon wrong. */
const DOUBLING = 2;

/** A rate in bytes per millisecond as a whole number of steps, and back. */
export const steps = (bytesPerMs: number): number => Math.round(DOUBLING * Math.log2(bytesPerMs));
export const fromSteps = (count: number): number => 2 ** (count / DOUBLING);

/** What neighbours are told of the uplink's rate. */
export const uplinkSteps = (core: Core): number => Math.max(0, Math.min(PEER_LIMITS.uplink, steps(uplinkRate(core))));
