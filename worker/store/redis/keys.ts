import { BUCKET_MS, type CellName, type Dimension, keptMs, type Resolution, type Scope } from "../../reports/index.ts";

/** Buckets that lie in one key at most. */
const PAGE = { minute: 60, hour: 240, day: 180 } as const satisfies Record<Resolution, number>;
/** Buckets whose finest cells lie in one log at most: a log is read as a whole. */
const LOG = { minute: 60, hour: 24, day: 1 } as const satisfies Record<Resolution, number>;
/** A page holds at most this part of what is kept, so that what is over goes soon. */
const PAGE_PART = 1 / 4;

/**
 * What things are called in Redis. What stands in braces decides on which node of a Redis Cluster a key lives (its hash tag): all of
 * one site lives together, so that counting a batch can be one step.
 */
export type Keys = {
  /** A string: which samples of a session were counted. */
  readonly session: (site: string, session: string) => string;
  /** A string: finest cells, see `log.ts`. Each stream's total has one of its own. */
  readonly log: (site: string, scope: Scope, resolution: Resolution, log: number) => string;
  /** A hash of cells by `fieldOf`, of all widths but the finest. */
  readonly page: (site: string, scope: Scope, resolution: Resolution, page: number) => string;
  /** A HyperLogLog. */
  readonly viewers: (site: string, cell: CellName) => string;
  /** A hash: by `spanOf`, a number that grows with each change of the finer cells that the span's own do not say yet. */
  readonly open: (site: string, resolution: Resolution) => string;
  /** A set: the values that a day tells apart. */
  readonly names: (site: string, scope: Scope, day: number) => string;
  /** A sorted set: sites by the time when something was last counted of them. */
  readonly sites: string;
  readonly alerts: string;
};

export function keysUnder(prefix: string): Keys {
  // Nearly all keys that are named one after the other are of one site.
  let last = { site: "", start: `${prefix}:{}` };
  const key = (site: string, ...rest: (string | number)[]): string => {
    if (last.site !== site) last = { site, start: `${prefix}:{${encodeURIComponent(wellFormed(site))}}` };
    return `${last.start}:${rest.join(":")}`;
  };
  const end = (stream: string | null): string => (stream === null ? "all" : `of ${stream}`);
  return {
    session: (site, session) => key(site, "counted", session),
    log: (site, { dimension, stream }, resolution, log) => key(site, "log", resolution, log, dimension, end(stream)),
    page: (site, { dimension, stream }, resolution, page) =>
      key(site, "page", resolution, page, dimension, end(stream)),
    viewers: (site, { resolution, bucket, dimension, value }) =>
      key(site, "viewers", resolution, bucket, dimension, value),
    open: (site, resolution) => key(site, "open", resolution),
    names: (site, { dimension, stream }, day) => key(site, "names", day, dimension, end(stream)),
    sites: `${prefix}:sites`,
    alerts: `${prefix}:alerts`,
  };
}

/** A bucket of all cells of a site (null), or of those of one stream. */
export type Span = { readonly bucket: number; readonly stream: string | null };

/** The field of a span in the hash of open ones. */
export const spanOf = ({ bucket, stream }: Span): string => `${bucket} ${stream === null ? "all" : `of ${stream}`}`;
export function readSpan(field: string): Span {
  const { bucket, value } = readField(field);
  return { bucket, stream: value === "all" ? null : value.slice("of ".length) };
}

/** The field of a cell within its page. */
export const fieldOf = (bucket: number, value: string): string => `${bucket} ${value}`;
export function readField(field: string): { readonly bucket: number; readonly value: string } {
  const blank = field.indexOf(" ");
  return { bucket: Number(field.slice(0, blank)), value: field.slice(blank + 1) };
}

/** Buckets in a page. */
export const pageSize = (dimension: Dimension, resolution: Resolution): number =>
  Math.max(
    1,
    Math.min(PAGE[resolution], Math.floor((keptMs(dimension, resolution) / BUCKET_MS[resolution]) * PAGE_PART)),
  );

export const pageOf = (dimension: Dimension, resolution: Resolution, bucket: number): number =>
  Math.floor(bucket / pageSize(dimension, resolution));

/** The log of a bucket. */
export const logOf = (resolution: Resolution, bucket: number): number => Math.floor(bucket / LOG[resolution]);
/** Buckets of a log, `to` exclusive. */
export const bucketsOf = (resolution: Resolution, log: number): { readonly from: number; readonly to: number } => ({
  from: log * LOG[resolution],
  to: (log + 1) * LOG[resolution],
});

/** When a page is dropped, in whole seconds since 1970: when its last bucket need not be kept any more. */
export function pageEnd(dimension: Dimension, resolution: Resolution, page: number): number {
  return bucketEnd(dimension, resolution, (page + 1) * pageSize(dimension, resolution) - 1);
}

/** When a bucket need not be kept any more, in whole seconds since 1970. */
export const bucketEnd = (dimension: Dimension, resolution: Resolution, bucket: number): number =>
  Math.ceil(((bucket + 1) * BUCKET_MS[resolution] + keptMs(dimension, resolution)) / 1000);

/** Half a character, which no key can hold, becomes the character that stands for one that cannot be read. */
const wellFormed = (text: string): string => Buffer.from(text).toString();
