/** A table for a terminal: names on top, numbers to the right. A single row stands upright, a name and its value a line. */
export const tableOf = (rows: readonly object[]): string => {
  const [only] = rows;
  if (only === undefined) return "Nothing was reported in this range.\n";
  const flat = rows.map((row) => flatten(row));
  const names = Object.keys(flat[0] ?? {});
  const cells =
    rows.length === 1
      ? names.map((name) => [name, flat[0]?.[name] ?? ""])
      : [names, ...flat.map((row) => names.map((name) => row[name] ?? ""))];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
};

const pad = (cell: string, width: number): string =>
  /^-?[\d.]+$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);

/** One level of names, joined by dots. Escape codes in a stream's name must not move the terminal's cursor. */
const flatten = (value: object, prefix = ""): Record<string, string> =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]: [string, unknown]): [string, string][] => {
      const key = `${prefix}${name}`;
      if (typeof inner === "object" && inner !== null) return Object.entries(flatten(inner, `${key}.`));
      return [[key, inner === null ? "-" : printable(inner)]];
    }),
  );

const printable = (value: unknown): string =>
  typeof value === "number" && !Number.isInteger(value) ? value.toFixed(4) : String(value).replace(/\p{Cc}/gu, "?");
