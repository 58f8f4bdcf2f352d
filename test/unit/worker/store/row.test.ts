import { describe, expect, it } from "vitest";
import { updatesOf } from "../../../../worker/reports/index.ts";
import { createRow, type Row } from "../../../../worker/store/row.ts";
import { placed, sessionId } from "../samples.ts";

const HOUR = 600_000;

/** Adds a sample to the cell of a minute, as a store does. */
function add(row: Row, bucket: number, session: number): void {
  const sample = placed({ session: sessionId(session), played: 2 ** 33 + session, startupMs: 100 * session });
  const [update] = updatesOf([sample], () => (value) => value).filter(({ name }) => name.dimension === "country");
  if (update === undefined) throw new Error("a sample without a country");
  const { cell } = row.at(bucket);
  cell.counts.addAll(update.counts);
  cell.peak = cell.counts.get("inMinute");
}

const said = (row: Row, from = 0, to = Number.POSITIVE_INFINITY) =>
  row.within(from, to).map(([bucket, { cell }]) => [bucket, cell.peak, Object.fromEntries(cell.counts)]);

function filled(): Row {
  const row = createRow();
  for (const [index, bucket] of [HOUR, HOUR + 59, HOUR + 60, HOUR + 61, HOUR + 125].entries())
    add(row, bucket, index + 1);
  add(row, HOUR + 61, 9);
  return row;
}

describe("a row of cells", () => {
  it("says the same when it was packed, once or again, and whichever part is asked for", () => {
    const [row, same] = [filled(), filled()];
    row.pack(HOUR + 110);
    row.pack(HOUR + 125);
    row.pack(HOUR + 125);
    expect(row.size()).toBe(5);
    expect(said(row)).toEqual(said(same));
    expect(said(row, HOUR + 59, HOUR + 61)).toEqual(said(same, HOUR + 59, HOUR + 61));
    expect(said(row)).toHaveLength(5);
  });

  it("is added to though it was packed, and packs that as well", () => {
    const [row, same] = [filled(), filled()];
    row.pack(HOUR + 180);
    for (const each of [row, same]) {
      add(each, HOUR + 61, 20);
      add(each, HOUR + 30, 21);
    }
    row.pack(HOUR + 180);
    expect(said(row)).toEqual(said(same));
    expect(row.size()).toBe(6);
  });

  it("shows nothing that is past its time, packed or not", () => {
    const row = filled();
    row.pack(HOUR + 120);
    row.prune(HOUR + 61);
    expect(said(row).map(([bucket]) => bucket)).toEqual([HOUR + 61, HOUR + 125]);
    row.prune(HOUR + 200);
    expect(row.size()).toBe(0);
  });
});
