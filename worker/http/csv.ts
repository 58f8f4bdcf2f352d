import { Readable } from "node:stream";
import { stringify } from "csv-stringify";

/**
 * Rows as CSV (RFC 4180) with a line of names, written while it is read. Nested objects become columns such as `bytes.cdn`. Text that a
 * spreadsheet would take for a formula gets an apostrophe in front: a stream may be called `=cmd()`.
 */
export const csvOf = (rows: readonly object[]): Readable => {
  const columns = Object.keys(flatten(rows[0] ?? {}));
  const lines = stringify({ header: rows.length > 0, columns, escape_formulas: true, record_delimiter: "windows" });
  return Readable.from(flattened(rows)).compose<Readable>(lines as never);
};

function* flattened(rows: readonly object[]): Generator<Record<string, string | number>> {
  for (const row of rows) yield flatten(row);
}

/** One level of names, joined by dots; what is null is empty. */
const flatten = (value: object, prefix = ""): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]: [string, unknown]): [string, string | number][] => {
      const key = `${prefix}${name}`;
      if (inner === null || inner === undefined) return [[key, ""]];
      if (typeof inner === "object") return Object.entries(flatten(inner, `${key}.`));
      return [[key, typeof inner === "number" ? inner : String(inner)]];
    }),
  );
