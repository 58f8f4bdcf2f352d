import { type Bucket, type Minute, type MinuteRange, merge, minuteOf, viewerMark } from "../reports/index.ts";
import type { PlacedSample, ReportStore } from "./port.ts";
import { createSessionMemory, MAX_SESSIONS } from "./sessions.ts";
import { addSample, dropBefore, emptyTimeline, type Timeline, within } from "./timeline.ts";

/** Name under which samples of streams (or sites) beyond the cap are counted. A stream really called that shares it. */
export const OTHER = "other";

/** Distinct sites kept; samples of further ones are counted under `OTHER`. */
export const MAX_SITES = 1000;

export type MemoryStoreOptions = {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Minutes for which buckets are kept, the running one included. */
  readonly retentionMinutes: number;
  /** Distinct streams kept of each site. */
  readonly maxStreams: number;
  /** Secret key of the viewer marks, 1-32 random bytes. */
  readonly viewerKey: Uint8Array;
  /** Sessions remembered at once; `MAX_SESSIONS` unless given. */
  readonly maxSessions?: number;
};

/** Buckets in this process's memory: for one worker, gone when it ends. */
export const createMemoryStore = (options: MemoryStoreOptions): ReportStore => {
  const sessions = createSessionMemory(options.maxSessions ?? MAX_SESSIONS);
  const sites = new Map<string, Map<string, Timeline>>();
  // Every sample counts here as well, so that a look at all streams costs no more than a look at one.
  const all = emptyTimeline();
  let pruned: Minute = 0;

  const timelineOf = ({ site, sample }: PlacedSample): Timeline => {
    const streams = place(sites, site, MAX_SITES, () => new Map<string, Timeline>());
    return place(streams, sample.stream, options.maxStreams, emptyTimeline);
  };

  const prune = (): void => {
    const now = options.clock();
    const oldest = minuteOf(now) - options.retentionMinutes + 1;
    if (oldest <= pruned) return;
    pruned = oldest;
    sessions.expire(now);
    dropBefore(all, oldest);
    for (const [site, streams] of sites) {
      for (const [stream, timeline] of streams) {
        dropBefore(timeline, oldest);
        if (timeline.minutes.size === 0) streams.delete(stream);
      }
      if (streams.size === 0) sites.delete(site);
    }
  };

  return {
    fold: async (placed) => {
      prune();
      const { site, minute, sample } = placed;
      const viewer = JSON.stringify([site, sample.session]);
      const mark = viewerMark(options.viewerKey, viewer);
      if (sessions.note(viewer, sample.seq, options.clock()) === "seen") return "duplicate";
      addSample(timelineOf(placed), minute, sample, mark);
      addSample(all, minute, sample, mark);
      return "folded";
    },
    read: async (stream, range) => {
      prune();
      if (stream === null) return new Map(within(all, range));
      const timelines = [...sites.values()].flatMap((streams) => streams.get(stream) ?? []);
      return mergedMinutes(timelines, range);
    },
    streams: async () => {
      prune();
      const played = new Map<string, number>();
      for (const streams of sites.values()) {
        for (const [stream, timeline] of streams) played.set(stream, (played.get(stream) ?? 0) + timeline.played);
      }
      const list = [...played].map(([stream, bytes]) => ({ stream, played: bytes }));
      return list.sort((a, b) => b.played - a.played || (a.stream < b.stream ? -1 : 1));
    },
    size: () => {
      const timelines = [...sites.values()].flatMap((streams) => [...streams.values()]);
      const buckets = timelines.reduce((sum, { minutes }) => sum + minutes.size, all.minutes.size);
      return { streams: timelines.length, buckets, sessions: sessions.size() };
    },
  };
};

/** The entry of `name`, made when there is room, or else the one of `OTHER`, which has a place beyond `max`. */
const place = <T>(entries: Map<string, T>, name: string, max: number, make: () => T): T => {
  const known = entries.get(name);
  if (known !== undefined) return known;
  const named = entries.size - (entries.has(OTHER) ? 1 : 0);
  const key = named < max ? name : OTHER;
  const entry = entries.get(key) ?? make();
  entries.set(key, entry);
  return entry;
};

const mergedMinutes = (timelines: readonly Timeline[], range: MinuteRange): Map<Minute, Bucket> => {
  const found = new Map<Minute, Bucket>();
  for (const timeline of timelines) {
    for (const [minute, bucket] of within(timeline, range)) {
      const same = found.get(minute);
      found.set(minute, same === undefined ? bucket : merge([same, bucket]));
    }
  }
  return found;
};
