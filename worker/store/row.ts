import { type Cell, emptyCell, NO_VIEWERS, type Viewers } from "../reports/index.ts";
import { NumberedTally, numberOf } from "./counters.ts";
import { Bytes, Writer } from "./wire.ts";

/** A cell in memory, with the marks of its viewers. */
export type Shelved = { readonly cell: Cell; viewers: Viewers };

/** Buckets that are packed together. */
const TOGETHER = 60;

/** The cells of one value in one scope and width, by bucket. */
export type Row = {
  /** The cell of a bucket, to be added to; made when there is none. */
  readonly at: (bucket: number) => Shelved;
  readonly size: () => number;
  /** Those with `from <= bucket < to`, in the order of time, to be read only. */
  readonly within: (from: number, to: number) => readonly (readonly [bucket: number, Shelved])[];
  /** Drops those before `oldest`. */
  readonly prune: (oldest: number) => void;
  /** Packs those whose whole hour (of 60 buckets) lies before `before`: a seventh of the room, and they can be added to all the same. */
  readonly pack: (before: number) => void;
};

export const createRow = (): Row => {
  const open = new Map<number, Shelved>();
  /** By number of the group: how many cells, and what they are. */
  const packed = new Map<number, { readonly count: number; readonly bytes: Buffer }>();

  let oldest = 0;

  const within = (first: number, to: number): (readonly [number, Shelved])[] => {
    const from = Math.max(first, oldest);
    const found: (readonly [number, Shelved])[] = [];
    for (const [bucket, shelved] of open) if (bucket >= from && bucket < to) found.push([bucket, shelved]);
    for (const [group, { bytes }] of packed) {
      if ((group + 1) * TOGETHER <= from || group * TOGETHER >= to) continue;
      for (const [bucket, shelved] of unpack(group, bytes))
        if (bucket >= from && bucket < to) found.push([bucket, shelved]);
    }
    return found.sort(([a], [b]) => a - b);
  };
  const unpackGroup = (group: number): void => {
    const { bytes } = packed.get(group) ?? {};
    if (bytes === undefined) return;
    packed.delete(group);
    for (const [bucket, shelved] of unpack(group, bytes)) open.set(bucket, shelved);
  };

  return {
    at: (bucket) => {
      const known = open.get(bucket);
      if (known !== undefined) return known;
      unpackGroup(Math.floor(bucket / TOGETHER));
      const shelved = open.get(bucket) ?? { cell: emptyCell(), viewers: NO_VIEWERS };
      open.set(bucket, shelved);
      return shelved;
    },
    size: () => [...packed.values()].reduce((sum, { count }) => sum + count, open.size),
    within,
    prune: (before) => {
      oldest = before;
      for (const bucket of open.keys()) if (bucket < oldest) open.delete(bucket);
      // What is packed goes together; until then it is not seen any more.
      for (const group of packed.keys()) if ((group + 1) * TOGETHER <= oldest) packed.delete(group);
    },
    pack: (before) => {
      const groups = new Set([...open.keys()].map((bucket) => Math.floor(bucket / TOGETHER)));
      for (const group of groups) {
        if ((group + 1) * TOGETHER > before) continue;
        unpackGroup(group);
        const cells = [...open].filter(([bucket]) => Math.floor(bucket / TOGETHER) === group);
        packed.set(group, { count: cells.length, bytes: packAll(group, cells) });
        for (const [bucket] of cells) open.delete(bucket);
      }
    },
  };
};

/** Bucket within the group, counts by the counter's number, and a 0, for each cell. Of minutes, which know their peak themselves. */
const packAll = (group: number, cells: readonly (readonly [number, Shelved])[]): Buffer => {
  const writer = new Writer(4096);
  for (const [bucket, { cell }] of cells) {
    writer.whole(bucket - group * TOGETHER);
    for (const [counter, value] of cell.counts) {
      writer.whole(numberOf(counter));
      writer.signed(value);
    }
    writer.byte(0);
  }
  return Buffer.from(writer.from(0));
};

function* unpack(group: number, packed: Buffer): Generator<readonly [number, Shelved]> {
  const bytes = new Bytes(packed);
  while (bytes.at < packed.length) {
    const bucket = group * TOGETHER + bytes.whole();
    const sums = new NumberedTally();
    for (let number = bytes.whole(); number !== 0; number = bytes.whole()) sums.add(number, bytes.signed());
    yield [bucket, { cell: { counts: sums.tally, peak: sums.tally.get("inMinute") }, viewers: NO_VIEWERS }];
  }
}
