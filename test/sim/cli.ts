import { parseArgs } from "node:util";
import { readBitrates, readJoins, readNat, readPolicies, readSpan, UsageError } from "./cli-values.ts";
import { PROFILE_NAMES, PROFILES, type ProfileName } from "./profiles.ts";
import { DEFAULTS, type Scenario } from "./scenario.ts";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  /** `compare`: run the scenario without peers as well, to tell what they did to playback. */
  | { readonly kind: "run"; readonly scenario: Scenario; readonly compare: boolean; readonly json: string | undefined };

/** Beyond this the run no longer fits into a usual heap. */
const MOST_VIEWERS = 20_000;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  viewers: { type: "string" },
  swarms: { type: "string" },
  minutes: { type: "string" },
  profile: { type: "string" },
  nat: { type: "string" },
  seed: { type: "string" },
  mode: { type: "string" },
  joins: { type: "string" },
  leaves: { type: "string" },
  churn: { type: "string" },
  seeks: { type: "string" },
  bitrate: { type: "string" },
  switches: { type: "string" },
  segment: { type: "string" },
  capacity: { type: "string" },
  outage: { type: "string" },
  "no-range": { type: "boolean" },
  "tracker-down": { type: "string" },
  "tracker-down-share": { type: "string" },
  policy: { type: "string" },
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
  --swarms N           they are split among N swarms that know nothing of each other (${DEFAULTS.swarms})
  --minutes M          length of the run (${DEFAULTS.minutes})
  --profile NAME       their lines (${DEFAULTS.profile}):
${profileLines.join("\n")}
  --nat O,M,S          percent of them behind routers that are open, map alike for all, are symmetric (as the profile says)
  --seed S             a whole number; the same seed gives the same run (${DEFAULTS.seed})
  --mode live|vod      (${DEFAULTS.mode})
  --joins HOW          flash:S all within S seconds; every:S one each S seconds; poisson:S with gaps of S seconds on average (flash:10)
  --leaves R           share of the viewers that leaves each minute, half of them without a word (0)
  --churn R            the same, and for each that leaves another comes
  --seeks R            jumps to another place, per viewer and minute; VOD only (0)
  --bitrate MBIT       of the stream, in Mbit/s; of each rendition, as in 0.4,0.8,1.3 (${DEFAULTS.bitrates.map((one) => one / 1e6).join()})
  --switches R         changes of the rendition, per viewer and minute, if there are several (${DEFAULTS.switchesPerMinute})
  --segment S          target duration in seconds (${DEFAULTS.segmentMs / 1000})
  --neighbours N       most neighbours of a viewer (${DEFAULTS.limits.neighbours})

  --capacity MBIT      all that the CDN can send, in Mbit/s (no limit)
  --outage FROM-TO     the CDN has no segments between these seconds
  --no-range           the CDN ignores Range
  --tracker-down S     the tracker is gone after S seconds; FROM-TO: and comes back
  --tracker-down-share R  it is one of several: that of this share of the viewers (${DEFAULTS.trackerDown.share})
  --policy WHEN        what the operator allows from a second on: 60:off or 60:off,120:share (also: receive)
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
  const capacity = number("capacity", 0.1, 1e6);
  const read = <T>(name: NumberOption, reader: (text: string) => T, otherwise: T): T => {
    const text = values[name];
    return text === undefined ? otherwise : reader(text);
  };
  const scenario: Scenario = {
    ...DEFAULTS,
    viewers: whole("viewers", 1, MOST_VIEWERS) ?? DEFAULTS.viewers,
    swarms: whole("swarms", 1, MOST_VIEWERS) ?? DEFAULTS.swarms,
    minutes: number("minutes", 0.1, 600) ?? DEFAULTS.minutes,
    seed: whole("seed", 0, Number.MAX_SAFE_INTEGER) ?? DEFAULTS.seed,
    profile: oneOf("profile", PROFILE_NAMES, values.profile) ?? DEFAULTS.profile,
    mode: oneOf("mode", ["live", "vod"], values.mode) ?? DEFAULTS.mode,
    nat: read("nat", readNat, DEFAULTS.nat),
    joins: read("joins", readJoins, DEFAULTS.joins),
    leaves: { ...DEFAULTS.leaves, perMinute: churn ?? number("leaves", 0, 60) ?? 0, replace: churn !== undefined },
    seeksPerMinute: number("seeks", 0, 60) ?? 0,
    bitrates: read("bitrate", readBitrates, DEFAULTS.bitrates),
    switchesPerMinute: number("switches", 0, 60) ?? DEFAULTS.switchesPerMinute,
    segmentMs: (number("segment", 0.5, 20) ?? DEFAULTS.segmentMs / 1000) * 1000,
    p2p: values["no-p2p"] !== true,
    origin: {
      ...DEFAULTS.origin,
      range: values["no-range"] !== true,
      capacity: capacity === undefined ? Number.POSITIVE_INFINITY : capacity * 1e6,
      outages: values.outage === undefined ? [] : [readSpan("outage", values.outage)],
    },
    trackerDown: {
      ...DEFAULTS.trackerDown,
      ...(values["tracker-down"] !== undefined && readSpan("tracker-down", values["tracker-down"])),
      share: number("tracker-down-share", 0, 1) ?? DEFAULTS.trackerDown.share,
    },
    policies: read("policy", readPolicies, DEFAULTS.policies),
    rogues: {
      liars: whole("liars", 0, MOST_VIEWERS) ?? 0,
      mutes: whole("mutes", 0, MOST_VIEWERS) ?? 0,
      boasters: whole("boasters", 0, MOST_VIEWERS) ?? 0,
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
