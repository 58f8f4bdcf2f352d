import { parseArgs } from "node:util";
import { PROFILE_NAMES, PROFILES, type ProfileName } from "./profiles.ts";
import { DEFAULTS, type Joins, type Scenario } from "./scenario.ts";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  /** `compare`: run the scenario without peers as well, to tell what they did to playback. */
  | { readonly kind: "run"; readonly scenario: Scenario; readonly compare: boolean; readonly json: string | undefined };

/** The command line cannot be understood; the message says what to do. */
export class UsageError extends Error {}

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  viewers: { type: "string" },
  minutes: { type: "string" },
  profile: { type: "string" },
  seed: { type: "string" },
  mode: { type: "string" },
  joins: { type: "string" },
  leaves: { type: "string" },
  churn: { type: "string" },
  seeks: { type: "string" },
  bitrate: { type: "string" },
  segment: { type: "string" },
  capacity: { type: "string" },
  outage: { type: "string" },
  "no-range": { type: "boolean" },
  "tracker-down": { type: "string" },
  liars: { type: "string" },
  mutes: { type: "string" },
  boasters: { type: "string" },
  neighbours: { type: "string" },
  "no-p2p": { type: "boolean" },
  "no-plain": { type: "boolean" },
  json: { type: "string" },
} as const;

const profileLines = PROFILE_NAMES.map((name) => `                       ${name.padEnd(10)} ${PROFILES[name].about}`);

export const HELP = `Plays a stream to many viewers in virtual time, with the engine that players run.

  npm run sim -- [options]

  --viewers N          how many come (${DEFAULTS.viewers})
  --minutes M          length of the run (${DEFAULTS.minutes})
  --profile NAME       their lines (${DEFAULTS.profile}):
${profileLines.join("\n")}
  --seed S             a whole number; the same seed gives the same run (${DEFAULTS.seed})
  --mode live|vod      (${DEFAULTS.mode})
  --joins HOW          flash:S all within S seconds; every:S one each S seconds; poisson:S with gaps of S seconds on average (flash:10)
  --leaves R           share of the viewers that leaves each minute, half of them without a word (0)
  --churn R            the same, and for each that leaves another comes
  --seeks R            jumps to another place, per viewer and minute; VOD only (0)
  --bitrate MBIT       of the stream, in Mbit/s (${DEFAULTS.bitsPerSecond / 1e6})
  --segment S          target duration in seconds (${DEFAULTS.segmentMs / 1000})
  --neighbours N       most neighbours of a viewer (${DEFAULTS.limits.neighbours})

  --capacity MBIT      all that the CDN can send, in Mbit/s (no limit)
  --outage FROM-TO     the CDN has no segments between these seconds
  --no-range           the CDN ignores Range
  --tracker-down S     the tracker is gone after S seconds
  --liars N            viewers that send other bytes
  --mutes N            viewers that never answer
  --boasters N         viewers that announce what they have not

  --no-p2p             only the run without peers
  --no-plain           only the run with peers
  --json FILE          writes the figures to a file
`;

/** Reads the command line. Throws a `UsageError`. */
export function readCommand(args: readonly string[]): Command {
  const values = parse(args);
  if (values.help === true) return { kind: "help" };

  const number = (name: NumberOption, least: number, most: number): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new UsageError(`--${name} must be a number from ${least} to ${most}, not "${text}"`);
  };
  const whole = (name: NumberOption, least: number, most: number): number | undefined => {
    const value = number(name, least, most);
    if (value === undefined || Number.isInteger(value)) return value;
    throw new UsageError(`--${name} must be a whole number, not ${value}`);
  };

  const churn = number("churn", 0, 60);
  const bitrate = number("bitrate", 0.05, 100);
  const capacity = number("capacity", 0.1, 1e6);
  const scenario: Scenario = {
    ...DEFAULTS,
    viewers: whole("viewers", 1, 9999) ?? DEFAULTS.viewers,
    minutes: number("minutes", 0.1, 600) ?? DEFAULTS.minutes,
    seed: whole("seed", 0, Number.MAX_SAFE_INTEGER) ?? DEFAULTS.seed,
    profile: oneOf("profile", PROFILE_NAMES, values.profile) ?? DEFAULTS.profile,
    mode: oneOf("mode", ["live", "vod"], values.mode) ?? DEFAULTS.mode,
    joins: values.joins === undefined ? DEFAULTS.joins : readJoins(values.joins),
    leaves: { ...DEFAULTS.leaves, perMinute: churn ?? number("leaves", 0, 60) ?? 0, replace: churn !== undefined },
    seeksPerMinute: number("seeks", 0, 60) ?? 0,
    bitsPerSecond: bitrate === undefined ? DEFAULTS.bitsPerSecond : bitrate * 1e6,
    segmentMs: (number("segment", 0.5, 20) ?? DEFAULTS.segmentMs / 1000) * 1000,
    p2p: values["no-p2p"] !== true,
    origin: {
      ...DEFAULTS.origin,
      range: values["no-range"] !== true,
      capacity: capacity === undefined ? Number.POSITIVE_INFINITY : capacity * 1e6,
      outages: values.outage === undefined ? [] : [readOutage(values.outage)],
    },
    trackerDownAtMs: (number("tracker-down", 0, 1e6) ?? Number.POSITIVE_INFINITY) * 1000,
    rogues: {
      liars: whole("liars", 0, 9999) ?? 0,
      mutes: whole("mutes", 0, 9999) ?? 0,
      boasters: whole("boasters", 0, 9999) ?? 0,
    },
    limits: { ...DEFAULTS.limits, neighbours: whole("neighbours", 1, 64) ?? DEFAULTS.limits.neighbours },
  };
  const compare = scenario.p2p && values["no-plain"] !== true;
  return { kind: "run", scenario, compare, json: values.json };
}

type Values = ReturnType<typeof parse>;
type NumberOption = {
  [Name in keyof Values]-?: Values[Name] extends string | undefined ? Name : never;
}[keyof Values];

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<T extends ProfileName | Scenario["mode"]>(
  name: string,
  known: readonly T[],
  text: string | undefined,
): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} must be one of ${known.join(", ")}, not "${text}"`);
}

function readJoins(text: string): Joins {
  const [, kind, seconds] = /^(flash|every|poisson):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const ms = Number(seconds) * 1000;
  if (kind === "flash") return { kind, withinMs: ms };
  if (kind === "every") return { kind, everyMs: ms };
  if (kind === "poisson") return { kind, meanMs: ms };
  throw new UsageError(`--joins must be like flash:10, every:2 or poisson:5 (seconds), not "${text}"`);
}

function readOutage(text: string): { fromMs: number; toMs: number } {
  const [, from, to] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const outage = { fromMs: Number(from) * 1000, toMs: Number(to) * 1000 };
  if (outage.fromMs < outage.toMs) return outage;
  throw new UsageError(`--outage must be like 60-80 (seconds), not "${text}"`);
}
