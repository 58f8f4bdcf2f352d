import { NEARNESS } from "../../tracker/protocol/index.ts";
import { CDN_REASONS, type Group, type ReceivedSample, type Sample, SOURCES } from "../protocol/index.ts";
import { bucketOf, type Resolution } from "./bucket.ts";
import { type Counter, PLACE, PLAIN_COUNTERS, type PlainCounter } from "./cell.ts";
import { type Dimension, OTHER } from "./dimensions.ts";
import { binOf } from "./histogram.ts";
import type { Addend } from "./ledger.ts";
import { lotOf } from "./lot.ts";
import { addPairs } from "./pairs.ts";

/** A sample that passed every check. `at`: the time it counts for (`sampleTime`), in milliseconds since 1970. */
export type PlacedSample = Omit<ReceivedSample, "receivedAt"> & { readonly at: number };

/** Whom a sample counts for among different viewers: the same at each visit where it keeps a name, else as long as its session. */
export const viewerOf = ({ viewer, sample }: PlacedSample): string => viewer ?? sample.session;

/** Parts that each group's sessions are divided into by lot. */
export const TRIALS = 16;

/** The values that a sample has in each dimension. */
export const valuesOf = ({ sample, country, network, device, browser }: PlacedSample): Record<Dimension, string> => {
  const { session, stream, player, rendition, group } = sample;
  return {
    all: "",
    stream,
    country,
    network,
    device,
    browser,
    player,
    rendition,
    group,
    trial: TRIAL_NAMES[group][lotOf(session, TRIALS)] ?? OTHER,
    // What is the same all through a session stands in its name.
    session: `${session} ${group} ${country} ${network} ${device} ${browser} ${player}`,
  };
};

const trialNames = (group: Group): readonly string[] => Array.from({ length: TRIALS }, (_, lot) => `${group}.${lot}`);
const TRIAL_NAMES: Readonly<Record<Group, readonly string[]>> = {
  p2p: trialNames("p2p"),
  holdout: trialNames("holdout"),
};

/** What a sample adds: to cells of most dimensions, to totals (which also know its links), and to its session's own. */
export type Contribution = { readonly counts: Addend; readonly paired: Addend; readonly session: Addend };

export const kindOf = (dimension: Dimension): keyof Contribution =>
  dimension === "session" ? "session" : dimension === "all" || dimension === "stream" ? "paired" : "counts";

/** Makes the reader of a batch. What it says of a sample holds until it is asked about the next: nothing is made anew. */
export const contributions = (): ((placed: PlacedSample) => Contribution) => {
  const plain = new Float64Array(PLAIN_COUNTERS.length);
  const addend = () => ({ plain, places: [] as number[], rest: [] as [Counter, number][] });
  const [counts, paired, session] = [addend(), addend(), addend()];
  const whole = { counts, paired, session };
  const pairs = {
    add(counter: Counter, value: number): void {
      if (counter === "claimed" || counter === "given") plain[PLACE[counter]] = (plain[PLACE[counter]] ?? 0) + value;
      else paired.rest.push([counter, value]);
    },
  };
  return (placed) => {
    plain.fill(0);
    for (const { places, rest } of [counts, paired, session]) places.length = rest.length = 0;
    writeCounts(plain, placed);
    addTimes(counts.rest, placed.sample);
    addTimes(paired.rest, placed.sample);
    addPairs(pairs, placed.sample);
    for (let place = 0; place < plain.length; place += 1) {
      if (plain[place] === 0) continue;
      if (IN_MOST[place]) counts.places.push(place);
      if (IN_TOTALS[place]) paired.places.push(place);
      if (IN_SESSIONS[place]) session.places.push(place);
    }
    return whole;
  };
};

/**
 * 1 for a session's first sample in a bucket, else 0: the one whose span reaches back over the bucket's start, or the first of
 * all. No other sample has to be known for it, and so sessions add up without being remembered. A session that lost its sample
 * at just that place is missed.
 */
const firstIn = ({ sample, at }: PlacedSample, resolution: Resolution): 0 | 1 =>
  sample.seq === 0 || bucketOf(at - sample.spanMs, resolution) < bucketOf(at, resolution) ? 1 : 0;

const writeCounts = (plain: Float64Array, placed: PlacedSample): void => {
  const { sample, at } = placed;
  const { bytes, caution, cdnReasons, peerBytes, played, spanMs, startupMs, swarm } = sample;
  for (const source of SOURCES) plain[PLACE[source]] = bytes[source];
  for (const [reason, place] of REASON_PLACES) plain[place] = cdnReasons[reason];
  for (const [near, place] of NEARNESS_PLACES) plain[place] = peerBytes[near];
  for (const [name, place] of ALIKE_PLACES) plain[place] = sample[name];
  plain[PLACE.samples] = 1;
  plain[PLACE.ratedMs] = sample.kilobits > 0 ? sample.watchMs : 0;
  plain[PLACE.sharable] = swarm > 1 ? Math.floor(played - played / swarm) : 0;
  plain[PLACE.waryMs] = caution === "wary" ? spanMs : 0;
  plain[PLACE.offMs] = caution === "off" ? spanMs : 0;
  if (startupMs !== undefined) {
    plain[PLACE.startups] = 1;
    plain[PLACE.startupMs] = startupMs;
  }
  plain[PLACE.began] = sample.seq === 0 ? 1 : 0;
  plain[PLACE.inMinute] = firstIn(placed, "minute");
  plain[PLACE.inHour] = firstIn(placed, "hour");
  plain[PLACE.inDay] = firstIn(placed, "day");
  plain[PLACE.beganAt] = sample.seq === 0 ? at - sample.spanMs : 0;
};

const addTimes = (rest: [Counter, number][], { startupMs, stallTimes }: Sample): void => {
  if (startupMs !== undefined) rest.push([`startup.${binOf(startupMs)}`, 1]);
  for (const ms of stallTimes) rest.push([`stall.${binOf(ms)}`, 1]);
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

const REASON_PLACES = CDN_REASONS.map((reason) => [reason, PLACE[`cdn.${reason}`]] as const);
const NEARNESS_PLACES = NEARNESS.map((near) => [near, PLACE[`peer.${near}`]] as const);
const ALIKE_PLACES = ALIKE.map((name) => [name, PLACE[name]] as const);

const allBut = (left: readonly PlainCounter[]): readonly boolean[] =>
  PLAIN_COUNTERS.map((counter) => !left.includes(counter));

const IN_MOST = allBut(["claimed", "given", "beganAt"]);
const IN_TOTALS = allBut(["beganAt"]);
/** A session's own cell is one of very many: it has the sums alone, and when it began. */
const IN_SESSIONS = allBut([
  ...CDN_REASONS.map((reason) => `cdn.${reason}` as const),
  ...NEARNESS.map((near) => `peer.${near}` as const),
  "waryMs",
  "offMs",
  "inMinute",
  "inHour",
  "inDay",
  "sharable",
  "uplink",
  "claimed",
  "given",
]);
