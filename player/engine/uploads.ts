import { blockSize, type Frame, PEER_LIMITS, type Refusal, segmentId } from "../protocol/index.ts";
import { type Core, shares } from "./core.ts";
import type { Neighbour } from "./neighbour.ts";
import { sizeOf } from "./segment.ts";
import type { Millis } from "./types.ts";

/** Blocks that may wait for one neighbour, which is one full request; what is beyond that is told to come again. */
const MOST_WAITING_BLOCKS = PEER_LIMITS.blocksPerRequest;
/** Requests that one neighbour may have open. A sane one has a few. */
const MOST_WAITING_JOBS = 64;
/** The allowance saved up while nothing is sent, in milliseconds of the cap. */
const SAVED_MS = 250;

/** A request came in: it is queued, or refused at once. */
export function onRequest(core: Core, n: Neighbour, frame: Extract<Frame, { t: "request" }>): void {
  const refusal = whyNot(core, n, frame);
  if (refusal !== undefined) {
    core.out.push({ t: "send", peer: n.id, frame: { t: "refuse", id: frame.id, reason: refusal } });
    return;
  }
  n.uploads.push({ id: frame.id, segment: segmentId(frame.key), next: frame.from, end: frame.from + frame.count });
}

function whyNot(core: Core, n: Neighbour, frame: Extract<Frame, { t: "request" }>): Refusal | undefined {
  if (!shares(core)) return "not-sharing";
  const seg = core.segments.get(segmentId(frame.key));
  if (seg === undefined) return "not-held";
  for (let i = frame.from; i < frame.from + frame.count; i++) if (seg.blocks[i]?.s !== "held") return "not-held";
  const waiting = n.uploads.reduce((sum, job) => sum + job.end - job.next, 0);
  return waiting + frame.count > MOST_WAITING_BLOCKS || n.uploads.length >= MOST_WAITING_JOBS ? "busy" : undefined;
}

export function onCancel(n: Neighbour, id: number): void {
  const at = n.uploads.findIndex((job) => job.id === id);
  if (at >= 0) n.uploads.splice(at, 1);
}

/** Sends blocks in turn, one a neighbour, as far as the links have room and the upload cap allows. */
export function serve(core: Core): void {
  core.uploadAt = Number.POSITIVE_INFINITY;
  if (!shares(core)) {
    refuseAll(core);
    return;
  }
  refill(core);
  for (let sent = true; sent; ) {
    sent = false;
    for (const n of core.neighbours.values()) {
      if (n.uploads.length === 0 || n.linkBytes >= core.limits.blocksQueuedPerLink * PEER_LIMITS.blockBytes) continue;
      if (core.bucket.level <= 0) {
        core.uploadAt = core.now + untilAllowed(core);
        return;
      }
      sendNext(core, n);
      sent = true;
    }
  }
}

function sendNext(core: Core, n: Neighbour): void {
  const job = n.uploads[0];
  if (job === undefined) return;
  const seg = core.segments.get(job.segment);
  const block = seg?.blocks[job.next];
  if (seg === undefined || block?.s !== "held") {
    // Evicted since it was asked for.
    n.uploads.shift();
    core.out.push({ t: "send", peer: n.id, frame: { t: "refuse", id: job.id, reason: "not-held" } });
    return;
  }
  const size = blockSize(sizeOf(seg) ?? 0, job.next);
  core.out.push({ t: "send", peer: n.id, frame: { t: "block", id: job.id, index: job.next, bytes: block.bytes } });
  core.bucket.level -= size;
  core.ledger.uploaded(size);
  n.sent += size;
  n.linkBytes += size;
  job.next++;
  if (job.next >= job.end) n.uploads.shift();
  else n.uploads.push(...n.uploads.splice(0, 1));
}

function refill(core: Core): void {
  const { bucket } = core;
  const most = Math.max(2 * PEER_LIMITS.blockBytes, bucket.bytesPerMs * SAVED_MS);
  bucket.level = Math.min(most, bucket.level + (core.now - bucket.at) * bucket.bytesPerMs);
  bucket.at = core.now;
}

const untilAllowed = (core: Core): Millis =>
  core.bucket.bytesPerMs > 0 ? Math.ceil((1 - core.bucket.level) / core.bucket.bytesPerMs) : Number.POSITIVE_INFINITY;

function refuseAll(core: Core): void {
  for (const n of core.neighbours.values()) {
    for (const job of n.uploads.splice(0)) {
      core.out.push({ t: "send", peer: n.id, frame: { t: "refuse", id: job.id, reason: "not-sharing" } });
    }
  }
}
