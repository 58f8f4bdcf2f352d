import type { SegmentId } from "../../tracker/protocol/index.ts";
import { blockSize, PEER_LIMITS, type Refusal, segmentId } from "../protocol/index.ts";
import { anyNeighbour, type Core, isLive, shares } from "./core.ts";
import { readBack } from "./disk.ts";
import type { Neighbour, RequestFrame, UploadJob } from "./neighbour.ts";
import { isOnDisk, sizeOf } from "./segment.ts";
import type { Millis } from "./types.ts";
import { uplinkRate } from "./uplink.ts";

/** Requests that one neighbour may have open. A sane one has a few. */
const MOST_WAITING_JOBS = 64;
/** No more is taken on than the uplink can send within this time, in milliseconds: what comes later is of no use to anybody. */
const BACKLOG_MS = 800;
/** Taken on whatever the uplink, in blocks, so that it never idles between two requests. */
const LEAST_BACKLOG_BLOCKS = 2;
/** What is given to the links at one time, and can no longer be called back: as much as the uplink sends within this time. */
const ON_LINKS_MS = 300;
const LEAST_ON_LINKS_BLOCKS = 1;
/** For so long after the CDN failed what is played sooner is sent first, in milliseconds. */
const URGENT_MS = 10_000;
/** Uploaded by whoever has received nothing yet, in bytes: the first viewer is to serve the second. */
const FREE_UPLOAD_BYTES = 16 * 1024 * 1024;
/** The allowance saved up while nothing is sent, in milliseconds of the cap. */
const SAVED_MS = 250;

/** A request came in: as much as can be sent in useful time is taken on, and the rest refused. */
export function onRequest(core: Core, n: Neighbour, frame: RequestFrame): void {
  const refusal = whyNot(core, n, frame);
  const seg = core.segments.get(segmentId(frame.key));
  if (refusal === undefined && seg !== undefined && isOnDisk(seg)) {
    n.awaitingDisk.push({ segment: seg.id, frame });
    readBack(core, seg);
    return;
  }
  const rank = rankOf(core, frame);
  const taken = refusal === undefined && !hasGivenEnough(core) ? Math.min(frame.count, room(core, rank)) : 0;
  if (taken === 0) {
    refuse(core, n, frame.id, refusal ?? "busy");
    return;
  }
  const end = frame.from + taken;
  const rest = taken < frame.count ? "refused" : "none";
  n.uploads.push({ id: frame.id, segment: segmentId(frame.key), rank, next: frame.from, end, rest });
}

/** A segment was read from disk, or is lost: those who asked for it are served or refused. */
export function answerAwaiting(core: Core, segment: SegmentId): void {
  for (const n of core.neighbours.values()) {
    const [now, later] = [[], []] as [typeof n.awaitingDisk, typeof n.awaitingDisk];
    for (const waiting of n.awaitingDisk) (waiting.segment === segment ? now : later).push(waiting);
    n.awaitingDisk = later;
    for (const { frame } of now) onRequest(core, n, frame);
  }
}

function whyNot(core: Core, n: Neighbour, frame: RequestFrame): Refusal | undefined {
  if (!shares(core) || core.bucket.bytesPerMs <= 0) return "not-sharing";
  const seg = core.segments.get(segmentId(frame.key));
  if (seg === undefined) return "not-held";
  for (let i = frame.from; i < frame.from + frame.count; i++) {
    const block = seg.blocks[i]?.s;
    if (block !== "held" && block !== "onDisk") return "not-held";
  }
  return n.uploads.length + n.awaitingDisk.length >= MOST_WAITING_JOBS ? "busy" : undefined;
}

function refuse(core: Core, n: Neighbour, id: number, reason: Refusal): void {
  core.out.push({ t: "send", peer: n.id, frame: { t: "refuse", id, reason } });
}

/** As much was uploaded as the viewer's ratio allows. */
function hasGivenEnough(core: Core): boolean {
  const { uploadRatio } = core.limits;
  if (uploadRatio === Number.POSITIVE_INFINITY) return false;
  const { uploaded, cdn, peer, relay } = core.ledger.totals();
  return uploaded >= FREE_UPLOAD_BYTES + uploadRatio * (cdn + peer + relay);
}

/** While the CDN is out neighbours have to bring what it was to send. Of a live stream all play about the same, so the oldest is urgent. */
const rankOf = (core: Core, { key }: RequestFrame): number =>
  core.now - core.cdn.failedAt < URGENT_MS && isLive(core, key.rendition) ? key.msn : 0;

/** Blocks that can be taken on now: what the uplink sends in `BACKLOG_MS`, less what waits already and goes no later than they. */
function room(core: Core, rank: number): number {
  let waiting = onLinks(core) / PEER_LIMITS.blockBytes;
  for (const n of core.neighbours.values()) {
    for (const job of n.uploads) if (job.rank <= rank) waiting += job.end - job.next;
  }
  const most = Math.floor((uplinkRate(core) * BACKLOG_MS) / PEER_LIMITS.blockBytes);
  return Math.max(0, Math.max(LEAST_BACKLOG_BLOCKS, most) - Math.ceil(waiting));
}

export function onCancel(n: Neighbour, id: number): void {
  n.awaitingDisk = n.awaitingDisk.filter(({ frame }) => frame.id !== id);
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
  if (!hasUploads(core)) return;
  refill(core);
  const mostOnLinks = Math.max(LEAST_ON_LINKS_BLOCKS * PEER_LIMITS.blockBytes, uplinkRate(core) * ON_LINKS_MS);
  for (let sent = true; sent; ) {
    sent = false;
    for (const { n, job } of inTurn(core)) {
      if (onLinks(core) >= mostOnLinks) return;
      if (core.bucket.level <= 0) {
        core.uploadAt = core.now + untilAllowed(core);
        return;
      }
      sendNext(core, n, job);
      core.servedLast = n.id;
      sent = true;
    }
  }
}

/** What goes first, one of each neighbour whose link has room, beginning with the neighbour after the one that was served last. */
function inTurn(core: Core): { n: Neighbour; job: UploadJob }[] {
  const all = [...core.neighbours.values()];
  const next = all.findIndex(({ id }) => id === core.servedLast) + 1;
  const ready = [...all.slice(next), ...all.slice(0, next)].filter(
    ({ linkBytes }) => linkBytes < core.limits.blocksQueuedPerLink * PEER_LIMITS.blockBytes,
  );
  const first = Math.min(...ready.flatMap((n) => n.uploads.map(({ rank }) => rank)));
  return ready.flatMap((n) => {
    const job = n.uploads.find(({ rank }) => rank === first);
    return job === undefined ? [] : { n, job };
  });
}

/** Does anybody wait for a block? */
const hasUploads = (core: Core): boolean => anyNeighbour(core, (n) => n.uploads.length > 0);

function sendNext(core: Core, n: Neighbour, job: UploadJob): void {
  n.uploads.splice(n.uploads.indexOf(job), 1);
  const seg = core.segments.get(job.segment);
  const block = seg?.blocks[job.next];
  if (seg === undefined || block?.s !== "held") {
    // Evicted since it was asked for.
    refuse(core, n, job.id, "not-held");
    return;
  }
  const size = blockSize(sizeOf(seg) ?? 0, job.next);
  core.out.push({ t: "send", peer: n.id, frame: { t: "block", id: job.id, index: job.next, bytes: block.bytes } });
  if (onLinks(core) === 0) {
    core.uplink.busySince = core.now;
    core.uplink.drained = 0;
  }
  core.bucket.level -= size;
  core.ledger.uploaded(size, n.id);
  n.sent += size;
  n.sentAt = core.now;
  n.linkBytes += size;
  job.next++;
  if (job.next < job.end) n.uploads.push(job);
  else if (job.rest === "refused") refuse(core, n, job.id, "busy");
}

/** Bytes that wait in the links' send buffers. */
function onLinks(core: Core): number {
  let sum = 0;
  for (const n of core.neighbours.values()) sum += n.linkBytes;
  return sum;
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
    for (const job of n.uploads.splice(0)) refuse(core, n, job.id, "not-sharing");
  }
}
