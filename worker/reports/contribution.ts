import { NEARNESS } from "../../tracker/protocol/index.ts";
import { CDN_REASONS, type ReceivedSample, SOURCES } from "../protocol/index.ts";
import { bucketOf, type Resolution } from "./bucket.ts";
import { type Counter, PLAIN_COUNTERS, Tally } from "./cell.ts";
import type { Dimension } from "./dimensions.ts";
import { binOf } from "./histogram.ts";
import { lotOf } from "./lot.ts";
import { addPairs } from "./pairs.ts";

/** A sample that passed every check. `at`: the time it counts for (`sampleTime`), in milliseconds since 1970. */
export type PlacedSample = Omit<ReceivedSample, "receivedAt"> & { readonly at: number };

/** Parts that each group's sessions are divided into by lot. */
export const TRIALS = 16;

/** The values that a sample has in each dimension. */
export const valuesOf = ({ sample, country, network, device, browser }: PlacedSample): Record<Dimension, string> => ({
  all: "",
  stream: sample.stream,
  country,
  network,
  device,
  browser,
  player: sample.player,
  rendition: sample.rendition,
  group: sample.group,
  trial: `${sample.group}.${lotOf(sample.session, TRIALS)}`,
  // What is the same all through a session stands in its name.
  session: [sample.session, sample.group, country, network, device, browser, sample.player].join(" "),
});

/** What a sample adds to the cells of a dimension. */
export type Contribution = (dimension: Dimension) => Tally;

/** What one sample adds up to. */
export const contributionOf = (placed: PlacedSample): Contribution => {
  const counts = countsOf(placed);
  const paired = new Tally();
  paired.addAll(counts);
  addPairs(paired, placed.sample);
  return (dimension) => {
    if (dimension === "session") return ofSession(counts, placed);
    return dimension === "all" || dimension === "stream" ? paired : counts;
  };
};

const countsOf = ({ sample, at }: PlacedSample): Tally => {
  const counts = new Tally();
  const add = (counter: Counter, value: number): void => counts.add(counter, value);
  /**
   * 1 for a session's first sample in a bucket, else 0: the one whose span reaches back over the bucket's start, or the first of
   * all. No other sample has to be known for it, and so sessions add up without being remembered. A session that lost its sample
   * at just that place is missed.
   */
  const firstIn = (resolution: Resolution): 0 | 1 =>
    sample.seq === 0 || bucketOf(at - sample.spanMs, resolution) < bucketOf(at, resolution) ? 1 : 0;
  const { bytes, cdnReasons, peerBytes, played, swarm, startupMs } = sample;
  for (const source of SOURCES) add(source, bytes[source]);
  for (const reason of CDN_REASONS) add(`cdn.${reason}`, cdnReasons[reason]);
  for (const near of NEARNESS) add(`peer.${near}`, peerBytes[near]);
  for (const name of ALIKE) add(name, sample[name]);
  add("samples", 1);
  add("ratedMs", sample.kilobits > 0 ? sample.watchMs : 0);
  add("sharable", swarm > 1 ? Math.floor(played - played / swarm) : 0);
  if (startupMs !== undefined) {
    add("startups", 1);
    add("startupMs", startupMs);
    add(`startup.${binOf(startupMs)}`, 1);
  }
  for (const ms of sample.stallTimes) add(`stall.${binOf(ms)}`, 1);
  add("began", sample.seq === 0 ? 1 : 0);
  add("inMinute", firstIn("minute"));
  add("inHour", firstIn("hour"));
  add("inDay", firstIn("day"));
  return counts;
};

/** What samples and cells call the same. */
const ALIKE = [
  "played",
  "uploaded",
  "wasted",
  "overhead",
  "uplink",
  "spanMs",
  "watchMs",
  "stalls",
  "stallMs",
  "errors",
  "kilobits",
] as const;

/** A session's own cell is one of very many: it has the sums alone, and when it began. */
const ofSession = (counts: Tally, { sample, at }: PlacedSample): Tally => {
  const own = new Tally();
  for (const counter of OF_SESSION) own.add(counter, counts.get(counter));
  if (sample.seq === 0) own.add("beganAt", at - sample.spanMs);
  return own;
};

const LEFT_OUT: ReadonlySet<Counter> = new Set<Counter>([
  ...CDN_REASONS.map((reason) => `cdn.${reason}` as const),
  ...NEARNESS.map((near) => `peer.${near}` as const),
  "inMinute",
  "inHour",
  "inDay",
  "sharable",
  "uplink",
]);

const OF_SESSION = PLAIN_COUNTERS.filter((counter) => !LEFT_OUT.has(counter));
