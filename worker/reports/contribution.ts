import { NEARNESS } from "../../tracker/protocol/index.ts";
import { CDN_REASONS, type ReceivedSample, SOURCES } from "../protocol/index.ts";
import { bucketOf, type Resolution } from "./bucket.ts";
import { type Counter, PLACE, PLAIN_COUNTERS, type PlainCounter } from "./cell.ts";
import { DIMENSIONS, type Dimension } from "./dimensions.ts";
import { binOf } from "./histogram.ts";
import type { Addend } from "./ledger.ts";
import { lotOf } from "./lot.ts";
import { addPairs } from "./pairs.ts";

/** A sample that passed every check. `at`: the time it counts for (`sampleTime`), in milliseconds since 1970. */
export type PlacedSample = Omit<ReceivedSample, "receivedAt"> & { readonly at: number };

/** Parts that each group's sessions are divided into by lot. */
export const TRIALS = 16;

/** The values that a sample has in each dimension, in the order of `DIMENSIONS`. */
export const valuesOf = ({ sample, country, network, device, browser }: PlacedSample): readonly string[] => {
  const { session, stream, player, rendition, group } = sample;
  const values: Record<Dimension, string> = {
    all: "",
    stream,
    country,
    network,
    device,
    browser,
    player,
    rendition,
    group,
    trial: `${group}.${lotOf(session, TRIALS)}`,
    // What is the same all through a session stands in its name.
    session: `${session} ${group} ${country} ${network} ${device} ${browser} ${player}`,
  };
  return DIMENSIONS.map((dimension) => values[dimension]);
};

/** What a sample adds: to cells of most dimensions, to totals (which also know its links), and to its session's own. */
export type Contribution = { readonly counts: Addend; readonly paired: Addend; readonly session: Addend };

export const kindOf = (dimension: Dimension): keyof Contribution =>
  dimension === "session" ? "session" : dimension === "all" || dimension === "stream" ? "paired" : "counts";

/** Makes the reader of a batch. What it says of a sample holds until it is asked about the next. */
export const contributions = (): ((placed: PlacedSample) => Contribution) => {
  const plain = new Float64Array(PLAIN_COUNTERS.length);
  return (placed) => {
    plain.fill(0);
    writeCounts(plain, placed);
    const { sample } = placed;
    const histograms = histogramsOf(placed);
    const pairs: [Counter, number][] = [];
    addPairs(
      {
        add: (counter, value) => {
          if (counter === "claimed" || counter === "given")
            plain[PLACE[counter]] = (plain[PLACE[counter]] ?? 0) + value;
          else pairs.push([counter, value]);
        },
      },
      sample,
    );
    if (sample.seq === 0) plain[PLACE.beganAt] = placed.at - sample.spanMs;
    const filled = (places: readonly number[]) => places.filter((place) => plain[place] !== 0);
    return {
      counts: { plain, places: filled(OF_ALL), rest: histograms },
      paired: { plain, places: filled(OF_TOTALS), rest: [...histograms, ...pairs] },
      session: { plain, places: filled(OF_SESSION), rest: [] },
    };
  };
};

const writeCounts = (plain: Float64Array, { sample, at }: PlacedSample): void => {
  /**
   * 1 for a session's first sample in a bucket, else 0: the one whose span reaches back over the bucket's start, or the first of
   * all. No other sample has to be known for it, and so sessions add up without being remembered. A session that lost its sample
   * at just that place is missed.
   */
  const firstIn = (resolution: Resolution): 0 | 1 =>
    sample.seq === 0 || bucketOf(at - sample.spanMs, resolution) < bucketOf(at, resolution) ? 1 : 0;
  const { bytes, cdnReasons, peerBytes, played, swarm, startupMs } = sample;
  for (const source of SOURCES) plain[PLACE[source]] = bytes[source];
  for (const [reason, place] of REASON_PLACES) plain[place] = cdnReasons[reason];
  for (const [near, place] of NEARNESS_PLACES) plain[place] = peerBytes[near];
  for (const [name, place] of ALIKE_PLACES) plain[place] = sample[name];
  plain[PLACE.samples] = 1;
  plain[PLACE.ratedMs] = sample.kilobits > 0 ? sample.watchMs : 0;
  plain[PLACE.sharable] = swarm > 1 ? Math.floor(played - played / swarm) : 0;
  if (startupMs !== undefined) {
    plain[PLACE.startups] = 1;
    plain[PLACE.startupMs] = startupMs;
  }
  plain[PLACE.began] = sample.seq === 0 ? 1 : 0;
  plain[PLACE.inMinute] = firstIn("minute");
  plain[PLACE.inHour] = firstIn("hour");
  plain[PLACE.inDay] = firstIn("day");
};

const histogramsOf = ({ sample: { startupMs, stallTimes } }: PlacedSample): readonly (readonly [Counter, number])[] => {
  const stalls = stallTimes.map((ms) => [`stall.${binOf(ms)}`, 1] as const);
  return startupMs === undefined ? stalls : [[`startup.${binOf(startupMs)}`, 1], ...stalls];
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

const placesWithout = (left: readonly PlainCounter[]): readonly number[] =>
  PLAIN_COUNTERS.filter((counter) => !left.includes(counter)).map((counter) => PLACE[counter]);

const OF_ALL = placesWithout(["claimed", "given", "beganAt"]);
const OF_TOTALS = placesWithout(["beganAt"]);
/** A session's own cell is one of very many: it has the sums alone, and when it began. */
const OF_SESSION = placesWithout([
  ...CDN_REASONS.map((reason) => `cdn.${reason}` as const),
  ...NEARNESS.map((near) => `peer.${near}` as const),
  "inMinute",
  "inHour",
  "inDay",
  "sharable",
  "uplink",
  "claimed",
  "given",
]);
