import { figureOf } from "./figures.ts";

type Cell = { readonly text: string; readonly side: "left" | "right" };

/**
 * A table for a terminal, in units that people read: names on top, numbers to the right. A single row stands upright, a name and
 * its value a line.
 */
export const tableOf = (rows: readonly object[]): string => {
  const [only] = rows;
  if (only === undefined) return "Nothing was reported in this range.\n";
  const flat = rows.map((row) => new Map(flatten(row)));
  const names = [...(flat[0]?.keys() ?? [])];
  const cells =
    rows.length === 1 ? names.map((name) => [named(name), cellOf(name, flat[0] ?? new Map())]) : columnsOf(names, flat);
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.text.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
};

const named = (name: string): Cell => ({ text: name, side: "left" });

/** Each name stands where its figures do. */
const columnsOf = (names: readonly string[], rows: readonly ReadonlyMap<string, unknown>[]): Cell[][] => {
  const cells = rows.map((row) => names.map((name) => cellOf(name, row)));
  return [names.map((text, column) => ({ text, side: cells[0]?.[column]?.side ?? "left" })), ...cells];
};

const cellOf = (name: string, row: ReadonlyMap<string, unknown>): Cell => {
  const figure = row.get(name);
  const text = figureOf(name, figure, String(row.get("money.currency") ?? ""));
  return { text, side: typeof figure === "number" || figure === null ? "right" : "left" };
};

const pad = ({ text, side }: Cell, width: number): string =>
  side === "right" ? text.padStart(width) : text.padEnd(width);

/** One level of names, joined by dots. */
const flatten = (value: object, prefix = ""): [string, unknown][] =>
  Object.entries(value).flatMap(([name, inner]: [string, unknown]): [string, unknown][] =>
    typeof inner === "object" && inner !== null ? flatten(inner, `${prefix}${name}.`) : [[`${prefix}${name}`, inner]],
  );
