import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { variablesOf } from "../../../infra/start/variables.ts";

/** The rows of a Markdown table, cells trimmed, without head and rule. */
const rows = (table: string): string[][] =>
  table
    .trim()
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split(" | ")
        .map((cell) => cell.trim()),
    );

it("documents every variable with its default and meaning, in the order of --help", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const table = /<!-- variables[^>]*-->\n([\s\S]*?)<!-- \/variables -->/.exec(readme)?.[1] ?? "";
  const known = variablesOf("all").flatMap(([, variables]) =>
    Object.entries(variables).map(([name, { default: preset, meaning }]) => [
      `\`${name}\``,
      preset === "" ? "" : `\`${preset}\``,
      meaning,
    ]),
  );
  expect(rows(table)).toEqual(known);
});
