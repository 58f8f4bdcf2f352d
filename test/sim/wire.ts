import type { Frame } from "../../player/protocol/index.ts";
import { FLOW } from "../../player/transport/flow.ts";
import type { Line } from "./profiles.ts";
import type { Timeline } from "./queue.ts";

/** Size of a block's head and of a small frame with what the data channel puts around it, in bytes. */
const HEAD_BYTES = 48;
const MAP_ENTRY_BYTES = 8;

const frameBytes = (frame: Frame): number => {
  if (frame.t === "block") return frame.bytes.byteLength + HEAD_BYTES;
  return frame.t === "map" ? HEAD_BYTES + frame.entries.length * MAP_ENTRY_BYTES : HEAD_BYTES;
};

/** A viewer's connection: everything it receives goes through one queue, and everything it sends through one scheduler. */
export type Device = {
  readonly latencyMs: number;
  readonly upBytesPerMs: number;
  readonly downBytesPerMs: number;
  /** When the downlink will have carried all that has arrived at it. */
  downFreeAt: number;
  /** Directions that have blocks to send, served one block at a time in turn. */
  readonly turns: Direction[];
  sending: boolean;
};

export const createDevice = (line: Line): Device => ({
  latencyMs: line.latencyMs,
  upBytesPerMs: line.up / 8000,
  downBytesPerMs: line.down / 8000,
  downFreeAt: 0,
  turns: [],
  sending: false,
});

type Waiting = { readonly frame: Frame; readonly bytes: number };

/** One direction of a link. Frames arrive in the order they were sent. */
export type Direction = {
  readonly from: Device;
  readonly to: Device;
  readonly deliver: (frame: Frame) => void;
  /** Next to nothing waits to be sent. */
  readonly writable: () => void;
  readonly waiting: Waiting[];
  waitingBytes: number;
  /** In `turns`, or being served. */
  queued: boolean;
  lastArrival: number;
  /** `stalled`: the other end is gone without a word, so nothing leaves any more. */
  state: "open" | "stalled" | "closed";
};

export const createDirection = (
  from: Device,
  to: Device,
  deliver: (frame: Frame) => void,
  writable: () => void,
): Direction => ({
  from,
  to,
  deliver,
  writable,
  waiting: [],
  waitingBytes: 0,
  queued: false,
  lastArrival: 0,
  state: "open",
});

/** Puts bytes through a downlink in the order of their arrival and tells when the last has come. Returns that time. */
export function receive(time: Timeline, device: Device, bytes: number, done: () => void): number {
  device.downFreeAt = Math.max(time.now(), device.downFreeAt) + bytes / device.downBytesPerMs;
  time.at(device.downFreeAt, done);
  return device.downFreeAt;
}

/** Sends a frame. A small one on an idle direction leaves at once: packets of several links share an uplink in turn. */
export function transmit(time: Timeline, direction: Direction, frame: Frame): void {
  if (direction.state === "closed") return;
  const bytes = frameBytes(frame);
  if (frame.t !== "block" && direction.waiting.length === 0 && direction.state === "open") {
    depart(time, direction, frame, bytes, bytes / direction.from.upBytesPerMs);
    return;
  }
  direction.waiting.push({ frame, bytes });
  direction.waitingBytes += bytes;
  if (frame.t === "block" && isLow(direction)) tellWritable(time, direction);
  if (direction.queued || direction.state !== "open") return;
  direction.queued = true;
  direction.from.turns.push(direction);
  serve(time, direction.from);
}

const isLow = (direction: Direction): boolean => direction.waitingBytes <= FLOW.lowBytes;

function tellWritable(time: Timeline, direction: Direction): void {
  time.after(0, () => {
    if (direction.state === "open" && isLow(direction)) direction.writable();
  });
}

/** Serves the next direction that has something to send. */
function serve(time: Timeline, device: Device): void {
  while (!device.sending) {
    const direction = device.turns.shift();
    if (direction === undefined) return;
    const next = direction.waiting[0];
    if (direction.state !== "open" || next === undefined) {
      direction.queued = false;
      continue;
    }
    device.sending = true;
    time.after(next.bytes / device.upBytesPerMs, () => {
      device.sending = false;
      sent(time, direction, next);
      serve(time, device);
    });
  }
}

function sent(time: Timeline, direction: Direction, first: Waiting): void {
  if (direction.state !== "open") {
    direction.queued = false;
    return;
  }
  const wasLow = isLow(direction);
  take(direction);
  depart(time, direction, first.frame, first.bytes, 0);
  // What is small and follows goes along.
  for (let next = direction.waiting[0]; next !== undefined && next.frame.t !== "block"; next = direction.waiting[0]) {
    take(direction);
    depart(time, direction, next.frame, next.bytes, 0);
  }
  direction.queued = direction.waiting.length > 0;
  if (direction.queued) direction.from.turns.push(direction);
  if (!wasLow && isLow(direction)) direction.writable();
}

function take(direction: Direction): void {
  direction.waitingBytes -= direction.waiting.shift()?.bytes ?? 0;
}

/** A frame leaves the uplink `ms` from now; it goes through the other's downlink when it has got there. */
function depart(time: Timeline, direction: Direction, frame: Frame, bytes: number, ms: number): void {
  const { from, to } = direction;
  const arrival = Math.max(direction.lastArrival, time.now() + ms + from.latencyMs + to.latencyMs);
  direction.lastArrival = arrival;
  time.at(arrival, () => {
    // A small frame on an idle line takes no time worth an event.
    if (frame.t !== "block" && to.downFreeAt < time.now()) hand(direction, frame);
    else receive(time, to, bytes, () => hand(direction, frame));
  });
}

function hand(direction: Direction, frame: Frame): void {
  if (direction.state !== "closed") direction.deliver(frame);
}

/** Ends a direction; what is under way is lost. */
export function shut(direction: Direction, state: "stalled" | "closed"): void {
  if (direction.state === "closed") return;
  direction.state = state;
  direction.waiting.length = 0;
  direction.waitingBytes = 0;
}
