import { type ParseArgsConfig, parseArgs } from "node:util";

/** Reads a bench's command line. What it does not know is told in one line, and the process ends with code 2. */
export function readArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options }>>["values"] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll("\n", " ") : String(error);
    const known = Object.keys(options).map((name) => `--${name}`);
    console.error(`${why}; there are ${known.join(", ")}`);
    process.exit(2);
  }
}
