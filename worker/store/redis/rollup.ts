import { BUCKET_MS, DIMENSIONS, type Dimension, specOf } from "../../reports/index.ts";
import type { Look } from "../port.ts";
import type { Compactor } from "./compact.ts";
import type { Argument, Connection } from "./connection.ts";
import { bucketEnd, fieldOf, type Keys, logOf, pageEnd, pageOf, readSpan, type Span, spanOf } from "./keys.ts";
import { packCell } from "./packing.ts";
import { coarser, FINER, finer, hasResolution, type Reader } from "./read.ts";
import { pairsOf } from "./replies.ts";
import { finestOf } from "./rows.ts";
import type { RunScript } from "./scripts.ts";

/** A span is summed up so long after its end, in milliseconds: nearly all that is late has come by then. What comes later opens it again. */
export const GRACE_MS = 15 * 60_000;

/**
 * Makes the coarser cells of the spans that are over. Hours are made of minutes and days of hours, never added to: done twice, or by
 * two workers at once, it comes out the same. A span in which something was counted meanwhile is left for the next time.
 */
export function createRollup(deps: {
  readonly keys: Keys;
  readonly connection: Connection;
  readonly reader: Reader;
  readonly run: RunScript;
  readonly compactor: Compactor;
}) {
  const { keys, connection, reader, run, compactor } = deps;

  const openSpans = async (site: string, resolution: "hour" | "day"): Promise<[string, Span, string][]> => {
    const key = keys.open(site, resolution);
    const open = pairsOf(await connection.send(key, ["HGETALL", key]));
    return open.map(([field, version]) => [field, readSpan(field), String(version)]);
  };

  const close = async (
    site: string,
    resolution: "hour" | "day",
    field: string,
    { bucket, stream }: Span,
    version: string,
  ): Promise<boolean> => {
    const pageKeys: string[] = [];
    const pages: Argument[] = [];
    const settled: string[] = [];
    const looks = DIMENSIONS.filter((dimension) => rollsUp(dimension, stream, resolution)).map(
      (dimension): Look => ({ stream, dimension }),
    );
    for (const look of looks) {
      const fine = await reader.stored(
        site,
        look,
        FINER[resolution],
        finer(resolution, { from: bucket, to: bucket + 1 }),
      );
      const written = [...coarser(resolution, fine)].flatMap(([value, row]) =>
        [...row].flatMap(([at, cell]) => [fieldOf(at, value), packCell(cell)]),
      );
      if (written.length === 0) continue;
      if (finestOf(look.dimension) === FINER[resolution]) {
        for (const of of look.dimension === "stream" ? fine.keys() : [stream]) {
          const log = logOf(FINER[resolution], finer(resolution, { from: bucket, to: bucket + 1 }).from);
          settled.push(keys.log(site, { ...look, stream: of }, FINER[resolution], log));
        }
      }
      const page = pageOf(look.dimension, resolution, bucket);
      pageKeys.push(keys.page(site, look, resolution, page));
      pages.push(String(pageEnd(look.dimension, resolution, page)), String(written.length), ...written);
      if (look.dimension === "all" || look.dimension === "stream") {
        for (const value of fine.keys()) await mergeViewers(site, look.dimension, value, resolution, bucket);
      }
    }
    const next =
      resolution === "hour" ? spanOf({ bucket: Math.floor((bucket * BUCKET_MS.hour) / BUCKET_MS.day), stream }) : "";
    const target = [keys.open(site, resolution), keys.open(site, "day"), ...pageKeys];
    if (Number(await run("replace", target, [field, version, next, ...pages])) !== 1) return false;
    // The logs of an hour's minutes, and of a day's hours, are theirs alone: hardly anything more is to come.
    for (const log of settled) await compactor.compact(log, true);
    return true;
  };

  /** The union of sets only grows, so it needs no step of its own. */
  const mergeViewers = async (
    site: string,
    dimension: Dimension,
    value: string,
    resolution: "hour" | "day",
    bucket: number,
  ): Promise<void> => {
    const name = { stream: null, dimension, value };
    const into = keys.viewers(site, { ...name, resolution, bucket });
    const { from, to } = finer(resolution, { from: bucket, to: bucket + 1 });
    const of = Array.from({ length: to - from }, (_, index) =>
      keys.viewers(site, { ...name, resolution: FINER[resolution], bucket: from + index }),
    );
    await connection.send(into, ["PFMERGE", into, ...of]);
    await connection.send(into, ["EXPIREAT", into, String(bucketEnd(dimension, resolution, bucket))]);
  };

  /** Sums up what is over at `now` (milliseconds since 1970). Returns how many spans were closed. */
  return async (site: string, now: number): Promise<number> => {
    let closed = 0;
    for (const [field, span, version] of await openSpans(site, "hour")) {
      if ((span.bucket + 1) * BUCKET_MS.hour + GRACE_MS > now) continue;
      if (await close(site, "hour", field, span, version)) closed += 1;
    }
    const hours = new Set(
      (await openSpans(site, "hour")).map(([, { bucket, stream }]) =>
        spanOf({ bucket: Math.floor(bucket / 24), stream }),
      ),
    );
    for (const [field, span, version] of await openSpans(site, "day")) {
      if ((span.bucket + 1) * BUCKET_MS.day + GRACE_MS > now || hours.has(field)) continue;
      if (await close(site, "day", field, span, version)) closed += 1;
    }
    return closed;
  };
}

/** Whether the site (no stream) or its streams have cells of a dimension that are made of finer ones. */
function rollsUp(dimension: Dimension, stream: string | null, resolution: "hour" | "day"): boolean {
  const { of } = specOf(dimension);
  const theirs = of === "both" || of === (stream === null ? "site" : "stream");
  return theirs && hasResolution(dimension, resolution) && hasResolution(dimension, FINER[resolution]);
}
