import type { Name } from "./contenders.ts";
import type { Crowd } from "./crowd.ts";
import type { Introduction } from "./introduction.ts";
import type { Matching } from "./matching.ts";
import { median } from "./median.ts";
import type { Memory } from "./memory.ts";
import type { RedisFigures } from "./redis.ts";
import type { Cost } from "./server.ts";
import { PACED, type Two } from "./two.ts";

type Runs<T> = Partial<Record<Name, T>>[];
export type Figures = {
  readonly matching: Runs<Matching>;
  readonly introduction: Runs<Introduction>;
  readonly relay: Runs<Cost>;
  readonly memory: Runs<readonly Memory[]>;
  readonly crowd: Runs<Crowd>;
  readonly redis: RedisFigures[];
  readonly two: Two[];
};

/** One line of the table. `value` and `rival` are medians over the runs, `ratio` is the first over the second. */
export type Row = {
  readonly measure: string;
  readonly shoal: string;
  readonly rival: string;
  readonly ratio: string;
  /** What the least that Node can do costs, where that was measured, and its own ratio to the rival. */
  readonly bare: string;
  readonly target: string;
  readonly met: "yes" | "no";
  readonly busy: string;
};

type Target = { readonly ratio: number } | { readonly atMost: number } | { readonly atLeast: number };

/** NaN where it was not measured. */
type Compared = { readonly shoal: number; readonly bare?: number; readonly rival: number };

/** Medians of one figure over the runs. */
function compare<T>(runs: Runs<T>, rival: Name | undefined, pick: (one: T) => number | undefined): Compared {
  const of = (name: Name): number =>
    median(
      runs.flatMap((run) => {
        const one = run[name];
        return one === undefined ? [] : [pick(one) ?? Number.NaN];
      }),
    );
  return { shoal: of("shoal"), bare: of("bare"), rival: rival === undefined ? Number.NaN : of(rival) };
}

function row(
  measure: string,
  unit: string,
  figures: Compared,
  rival: Name | undefined,
  target: Target,
  busy = "",
): Row {
  const text = (value: number): string => (Number.isNaN(value) ? "" : `${value.toPrecision(3)} ${unit}`);
  const { bare = Number.NaN } = figures;
  const ratio = figures.shoal / figures.rival;
  const [wanted, met] =
    "ratio" in target
      ? [`<= ${target.ratio} x`, ratio <= target.ratio]
      : "atMost" in target
        ? [`<= ${target.atMost} ${unit}`, figures.shoal <= target.atMost]
        : [`>= ${target.atLeast} ${unit}`, figures.shoal >= target.atLeast];
  return {
    measure,
    shoal: text(figures.shoal),
    rival: rival === undefined ? "" : `${text(figures.rival)} (${rival})`,
    ratio: Number.isNaN(ratio) ? "" : ratio.toFixed(2),
    bare: Number.isNaN(bare) ? "" : `${text(bare)}, ${(bare / figures.rival).toFixed(2)} x`,
    target: wanted,
    met: met ? "yes" : "no",
    busy,
  };
}

function busyIn<T>(runs: Runs<T>, pick: (one: T) => Pick<Cost, "serverShare" | "generatorShare">): string {
  const server = compare(runs, undefined, (one) => pick(one).serverShare).shoal;
  const generator = compare(runs, undefined, (one) => pick(one).generatorShare).shoal;
  return `${server.toFixed(2)}/${generator.toFixed(2)}`;
}

export function matchingRows(runs: Runs<Matching>): Row[] {
  if (runs.length === 0) return [];
  const rival = "bittorrent-tracker";
  const both = (one: Matching) => one.open.micros + one.join.micros;
  return [
    row(
      "full match: join, 5 introduced, 5 offers, 5 answers",
      "us",
      compare(runs, rival, (one) => one.match.micros),
      rival,
      { ratio: 0.45 },
      busyIn(runs, (one) => one.match),
    ),
    row(
      "open + join, without offers",
      "us",
      compare(runs, rival, both),
      rival,
      { ratio: 0.75 },
      busyIn(runs, (one) => one.open),
    ),
    row(
      "… with all that others are told of it when nobody calls",
      "us",
      compare(runs, rival, (one) => one.open.micros + one.told.micros),
      rival,
      { ratio: 0.75 },
    ),
  ];
}

export function introductionRows(runs: Runs<Introduction>): Row[] {
  if (runs.length === 0) return [];
  const rival = "bittorrent-tracker";
  return [
    row(
      "open + join as its own client does, introduced to 5",
      "us",
      compare(runs, rival, (one) => one.open.micros + one.join.micros),
      rival,
      { ratio: 0.75 },
      busyIn(runs, (one) => one.join),
    ),
  ];
}

export function relayRows(runs: Runs<Cost>): Row[] {
  if (runs.length === 0) return [];
  const figures = compare(runs, "peerjs", (one) => one.micros);
  return [
    row(
      "relay of a 1.5 KB signal",
      "us",
      figures,
      "peerjs",
      { ratio: 0.6 },
      busyIn(runs, (one) => one),
    ),
  ];
}

export function memoryRows(runs: Runs<readonly Memory[]>): Row[] {
  const rival = "bittorrent-tracker";
  const counts = runs[0]?.shoal?.map(({ viewers }) => viewers) ?? [];
  return counts.map((viewers, index) => {
    const figures = compare(runs, rival, (found) => (found[index]?.bytes ?? Number.NaN) / 1024);
    return row(`memory of an idle viewer, ${viewers} of them`, "KiB", figures, rival, { ratio: 1 });
  });
}

export function crowdRows(runs: Runs<Crowd>): Row[] {
  if (runs.length === 0) return [];
  const rival = "bittorrent-tracker";
  const busy = busyIn(runs, (one) => one);
  return [
    row(
      "19,500 in one swarm: p99 of a join, 1,000 a second",
      "ms",
      compare(runs, rival, (one) => one.p99Ms),
      rival,
      { atMost: 10 },
      busy,
    ),
    // Half of the introductions is the fair share of half the viewers; chance moves it by a hundredth.
    row(
      "… introductions to the half that came first",
      "%",
      compare(runs, rival, (one) => one.toFirstHalf * 100),
      rival,
      { atLeast: 45 },
    ),
  ];
}

export function redisRows(runs: readonly RedisFigures[]): Row[] {
  if (runs.length === 0) return [];
  const of = (pick: (one: RedisFigures) => number) => ({ shoal: median(runs.map(pick)), rival: Number.NaN });
  const busy = `${of((one) => one.joins.busy.median).shoal.toFixed(2)} (Redis)`;
  return [
    row(
      "Redis: its CPU for a join",
      "us",
      of((one) => one.joins.redisMicros.best),
      undefined,
      { atMost: 45 },
      busy,
    ),
    row(
      "Redis: joins",
      "/s",
      of((one) => one.joins.perSecond.best),
      undefined,
      { atLeast: 10_000 },
      busy,
    ),
    row(
      "signals between two processes",
      "/s",
      of((one) => one.mails.perSecond.best),
      undefined,
      { atLeast: 50_000 },
    ),
  ];
}

export function twoRows(runs: readonly Two[]): Row[] {
  if (runs.length === 0) return [];
  const rowAt = (measure: string, pace: "paced" | "fast"): Row => {
    const of = (pick: (cost: Cost) => number, lane: "one" | "two") => median(runs.map((run) => pick(run[pace][lane])));
    const micros = ({ micros }: Cost) => micros;
    const figures = { shoal: of(micros, "two"), rival: of(micros, "one") };
    const [server, generator] = [of((cost) => cost.serverShare, "two"), of((cost) => cost.generatorShare, "two")];
    const busy = `${server.toFixed(2)} (both)/${generator.toFixed(2)}`;
    const cost = row(measure, "us", figures, "shoal", { ratio: 1.5 }, busy);
    return { ...cost, rival: cost.rival.replace("(shoal)", "(one process, no Redis)") };
  };
  return [
    rowAt(`full match, two processes on one Redis, ${PACED} a second each`, "paced"),
    rowAt("… as many as they can do", "fast"),
  ];
}
