import { type Role, variablesOf } from "./variables.ts";

const TITLES = {
  all: "npm start: tracker, worker, report page and demo in one process",
  tracker: "npm run tracker: the tracker alone, with the player's scripts; with REDIS_URL, samples go to the workers",
  worker:
    "npm run worker: folds the samples of all trackers on the same REDIS_URL; report page and API (--revive: once more the dead)",
} as const satisfies Record<Role, string>;
const MEANING_WIDTH = 72;

/** The text of `--help`. */
export function help(role: Role): string {
  const groups = variablesOf(role);
  const names = groups.flatMap(([, variables]) => Object.keys(variables));
  const indent = Math.max(...names.map((name) => name.length)) + 4;
  const rows = groups.flatMap(([group, variables]) => [
    "",
    `${group}:`,
    ...Object.entries(variables).flatMap(([name, { default: preset, meaning }]) =>
      wrap(`${meaning}${preset === "" ? "" : ` Default: ${preset}`}`).map(
        (line, row) => `  ${(row === 0 ? name : "").padEnd(indent - 2)}${line}`,
      ),
    ),
  ]);
  return [TITLES[role], "", "Environment variables; unset and empty both mean the default.", ...rows, ""].join("\n");
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > MEANING_WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
