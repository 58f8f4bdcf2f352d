import { writeFileSync } from "node:fs";
import { HELP, readCommand } from "./cli.ts";
import { UsageError } from "./cli-values.ts";
import { measure } from "./figures.ts";
import { METERS } from "./meters.ts";
import { createProgress } from "./progress.ts";
import { table } from "./table.ts";

/** Returns the exit code: 0, or 1 when a promise of the engine did not hold, or 2 when the command line is wrong. */
function main(args: readonly string[]): number {
  try {
    const command = readCommand(args);
    if (command.kind === "help") {
      process.stdout.write(HELP);
      return 0;
    }
    const progress = createProgress(process.stderr, METERS.wallMs);
    const { scenario, compare } = command;
    const figures = measure(scenario, { compare, meters: METERS, onProgress: progress.tell });
    progress.clear();
    process.stdout.write(table(figures));
    if (command.json !== undefined) writeFileSync(command.json, `${JSON.stringify(figures, null, 2)}\n`);
    return figures.violations.count > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nRun with --help to see what there is.\n`);
    return 2;
  }
}

process.exitCode = main(process.argv.slice(2));
