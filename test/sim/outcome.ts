import { CDN_REASONS, type CdnReason } from "../../worker/protocol/index.ts";
import type { Violation } from "./book.ts";
import type { CallCounts } from "./mesh.ts";
import { uploadOf } from "./profiles.ts";
import type { Viewer, World } from "./viewer.ts";

/** What came of a run. Bytes as integers, times in milliseconds, shares as fractions. */
export type Outcome = {
  readonly viewers: { readonly total: number; readonly averageConcurrent: number; readonly minutes: number };
  /** 1 - bytes from the CDN / bytes played. */
  readonly offload: number;
  /** No mesh can do better: min(1 - 1/N, uplink/bitrate) for the average number N of viewers of a swarm and the mean bitrate loaded. */
  readonly bound: number;
  /** What one copy from the origin of each segment that anybody played would have given. */
  readonly boundOneCopy: number;
  /** After start-up: bytes that the origin sent, but for those that viewers started with / one copy of each segment played. */
  readonly copiesPerSegment: number;
  /** Bytes that the origin sent of a segment, start-up included / its size: mean, median and most over all that were played. */
  readonly copies: { readonly mean: number; readonly median: number; readonly most: number };
  readonly bytes: {
    readonly played: number;
    readonly cdn: number;
    readonly peer: number;
    readonly uploaded: number;
    readonly wasted: number;
  };
  readonly cdnReasons: Readonly<Record<CdnReason, number>>;
  readonly cdnRequests: number;
  readonly startupMs: { readonly median: number; readonly p95: number };
  /** Time in which pictures moved, over all viewers. */
  readonly playMs: number;
  readonly stalls: number;
  readonly stallMs: number;
  readonly stalledViewers: number;
  readonly skips: number;
  readonly failures: number;
  /** Segments that came after their deadline, other than those asked for when playback was dry. */
  readonly late: { readonly count: number; readonly worstMs: number };
  /** Time in which viewers had backed off since neighbours disturbed playback: to fewer neighbours and longer margins, or out of the mesh. */
  readonly backedOff: { readonly viewers: number; readonly waryMs: number; readonly offMs: number };
  /** Share of the segments loaded in each rendition, lowest first, and how often viewers changed it. */
  readonly renditions: readonly number[];
  readonly switches: number;
  readonly neighbours: number;
  readonly calls: CallCounts;
  readonly frames: number;
  /** `watched`: viewers whose engines were looked at after every event; of the others only the books were checked. */
  readonly violations: { readonly count: number; readonly first: readonly Violation[]; readonly watched: number };
  readonly events: number;
  readonly engineCalls: number;
  /** 0 when no stopwatch was given. */
  readonly engineMs: number;
};

export function outcomeOf(world: World, viewers: readonly Viewer[], viewerMs: number, events: number): Outcome {
  const { scenario, origin, work, book } = world;
  const totals = viewers.map((viewer) => viewer.totals());
  const sum = (pick: (of: (typeof totals)[number]) => number): number =>
    totals.reduce((all, one) => all + pick(one), 0);
  const count = (pick: (of: Viewer) => number): number => viewers.reduce((all, one) => all + pick(one), 0);
  const averageConcurrent = viewerMs / (scenario.minutes * 60_000);
  const uplink = count((viewer) => Math.min(scenario.uploadBitsPerSecond, uploadOf(viewer.line))) / viewers.length;
  const played = sum((one) => one.played);
  const copies = [...origin.bySegment].map(([id, bytes]) => bytes / world.stream.ofId(id).bytes);
  const oneCopy = [...origin.bySegment.keys()].reduce((all, id) => all + world.stream.ofId(id).bytes, 0);
  const loaded = scenario.bitrates.map((_, level) => count((viewer) => viewer.counts.loaded[level] ?? 0));
  const allLoaded = Math.max(
    1,
    loaded.reduce((all, one) => all + one, 0),
  );
  const shares = loaded.map((one) => one / allLoaded);
  const bitrate = scenario.bitrates.reduce((all, one, level) => all + one * (shares[level] ?? 0), 0);
  const startups = viewers.flatMap((viewer) => viewer.counts.startupMs ?? []);
  const audits = viewers.map((viewer) => viewer.audit.counts);
  return {
    viewers: { total: viewers.length, averageConcurrent, minutes: viewerMs / 60_000 },
    offload: 1 - origin.bytes() / played,
    bound: Math.min(1 - scenario.swarms / averageConcurrent, uplink / bitrate),
    boundOneCopy: 1 - oneCopy / played,
    copiesPerSegment: (origin.bytes() - sum((one) => one.cdnReasons.start)) / oneCopy,
    copies: {
      mean: copies.reduce((all, one) => all + one, 0) / copies.length,
      median: quantile(copies, 0.5),
      most: quantile(copies, 1),
    },
    bytes: {
      played,
      cdn: origin.bytes(),
      peer: sum((one) => one.peer + one.relay),
      uploaded: sum((one) => one.uploaded),
      wasted: sum((one) => one.wasted),
    },
    cdnReasons: Object.fromEntries(
      CDN_REASONS.map((why) => [why, sum((one) => one.cdnReasons[why])]),
    ) as Outcome["cdnReasons"],
    cdnRequests: origin.requests(),
    startupMs: { median: quantile(startups, 0.5), p95: quantile(startups, 0.95) },
    playMs: count((viewer) => viewer.counts.playMs),
    stalls: count((viewer) => viewer.counts.stalls),
    stallMs: count((viewer) => viewer.counts.stallMs),
    stalledViewers: count((viewer) => (viewer.counts.stalls > 0 ? 1 : 0)),
    skips: count((viewer) => viewer.counts.skips),
    failures: count((viewer) => viewer.counts.failures),
    late: {
      count: audits.reduce((all, one) => all + one.late, 0),
      worstMs: audits.reduce((worst, one) => Math.max(worst, one.worstLateMs), 0),
    },
    backedOff: {
      viewers: count(({ cautious }) => (cautious.wary + cautious.off > 0 ? 1 : 0)),
      waryMs: count(({ cautious }) => cautious.wary),
      offMs: count(({ cautious }) => cautious.off),
    },
    renditions: shares,
    switches: count((viewer) => viewer.counts.switches),
    neighbours: count((viewer) => viewer.neighbours()) / viewers.length,
    calls: world.mesh.counts,
    frames: audits.reduce((all, one) => all + one.frames, 0),
    violations: {
      count: book.count(),
      first: book.violations,
      watched: viewers.filter((viewer) => world.scrutinyOf(viewer.number) === "close").length,
    },
    events,
    engineCalls: work.calls,
    engineMs: work.ms,
  };
}

/** The value below which this share of the list lies; 0 for an empty list. */
function quantile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
