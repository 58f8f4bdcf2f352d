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

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

/** The names in a list with commas, in the order in which they are known. An unknown one ends the process with code 2. */
export function chosenFrom<const Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  const chosen = new Set(text.split(","));
  const unknown = [...chosen].filter((name) => !known.some((one) => one === name));
  if (unknown.length > 0) refuse(`--${option} knows ${known.join(", ")}, not "${unknown.join(",")}"`);
  return known.filter((name) => chosen.has(name));
}

/** A whole number from 1. Anything else ends the process with code 2. */
export function countFrom(option: string, text: string): number {
  const count = Number(text);
  return Number.isSafeInteger(count) && count > 0
    ? count
    : refuse(`--${option} takes a whole number from 1, not "${text}"`);
}
