/** What operators may be told of. */
export const ALERT_RULES = ["offload", "stalls", "silence"] as const;
export type AlertRule = (typeof ALERT_RULES)[number];

/** From where on each rule fires; one that is left out never does. */
export type Thresholds = {
  /** Share of the bytes played, 0 to 1: fires below. */
  readonly offload?: number;
  /** Share of the time in which the picture stood still, 0 to 1: fires above. */
  readonly stalls?: number;
  /** Milliseconds without any sample of a site that had viewers: fires from there on. */
  readonly silence?: number;
};

/** What is judged: one stream, or (null) all of a site. */
export type Subject = { readonly site: string; readonly stream: string | null };

/** What was seen of a subject in the last `WINDOW_MS`, and when it was last heard of (milliseconds since 1970). */
export type Figures = Subject & {
  readonly playedBytes: number;
  /** Bytes played that cost money: from the CDN or over TURN. */
  readonly boughtBytes: number;
  readonly stallMs: number;
  readonly watchMs: number;
  readonly viewers: number;
  readonly heardAt: number;
};

/** Time over which offload and stalls are judged, in milliseconds: long enough that one start-up is no alarm. */
export const WINDOW_MS = 10 * 60_000;
/** With fewer viewers there is nobody to share with, and nothing to be told. */
export const FEWEST_VIEWERS = 3;
/** Less time watched in the window says nothing, in milliseconds. */
export const LEAST_WATCH_MS = 10 * 60_000;

export type Firing = Subject & { readonly rule: AlertRule; readonly since: number };

/** Something to be told: an alert began, or is over. The same event has the same id however often it is told. */
export type Notice = {
  readonly id: string;
  readonly rule: AlertRule;
  readonly status: "firing" | "resolved";
  readonly site: string;
  readonly stream: string | null;
  /** What was measured, in the threshold's unit; null when there was nothing left to measure. */
  readonly value: number | null;
  readonly threshold: number;
  /** When it began to fire, and when this was found; milliseconds since 1970. */
  readonly since: number;
  readonly at: number;
  readonly message: string;
};

export type Verdict = { readonly firing: readonly Firing[]; readonly notices: readonly Notice[] };

type Reading = { readonly kind: "fires" | "calm"; readonly value: number } | { readonly kind: "unknown" };

/**
 * Compares what was seen with the thresholds. Only a change is told: an alert that goes on says nothing more, and one about which
 * nothing can be said now (too few viewers) goes on. `figures` has every subject at most once.
 */
export function judge(
  figures: readonly Figures[],
  firing: readonly Firing[],
  thresholds: Thresholds,
  now: number,
): Verdict {
  const before = new Map(firing.map((each) => [keyOf(each), each]));
  const after = new Map(before);
  const notices: Notice[] = [];
  for (const seen of figures) {
    for (const rule of ALERT_RULES) {
      const threshold = thresholds[rule];
      if (threshold === undefined) continue;
      const reading = read(rule, seen, threshold, now);
      if (reading.kind === "unknown") continue;
      const subject = { site: seen.site, stream: seen.stream, rule };
      const key = keyOf(subject);
      const known = before.get(key);
      if (reading.kind === "fires" && known === undefined) {
        after.set(key, { ...subject, since: now });
        notices.push(notice("firing", { ...subject, since: now }, reading.value, threshold, now));
      } else if (reading.kind === "calm" && known !== undefined) {
        after.delete(key);
        notices.push(notice("resolved", known, reading.value, threshold, now));
      }
    }
  }
  // A rule that the operator took away fires no more.
  for (const [key, { rule }] of before) if (thresholds[rule] === undefined) after.delete(key);
  return { firing: [...after.values()], notices };
}

const keyOf = ({ rule, site, stream }: Omit<Firing, "since">): string => JSON.stringify([rule, site, stream]);

function read(rule: AlertRule, seen: Figures, threshold: number, now: number): Reading {
  switch (rule) {
    case "offload": {
      if (seen.viewers < FEWEST_VIEWERS || seen.watchMs < LEAST_WATCH_MS || seen.playedBytes === 0)
        return { kind: "unknown" };
      const value = (seen.playedBytes - seen.boughtBytes) / seen.playedBytes;
      return { kind: value < threshold ? "fires" : "calm", value };
    }
    case "stalls": {
      if (seen.watchMs + seen.stallMs < LEAST_WATCH_MS) return { kind: "unknown" };
      const value = seen.stallMs / (seen.watchMs + seen.stallMs);
      return { kind: value > threshold ? "fires" : "calm", value };
    }
    case "silence": {
      // A stream may end; that a whole site falls silent while people watch is a fault on the way here.
      if (seen.stream !== null) return { kind: "unknown" };
      const value = now - seen.heardAt;
      if (value < threshold) return { kind: "calm", value };
      return seen.viewers < FEWEST_VIEWERS ? { kind: "unknown" } : { kind: "fires", value };
    }
  }
}

function notice(
  status: Notice["status"],
  { rule, site, stream, since }: Firing,
  value: number,
  threshold: number,
  at: number,
): Notice {
  const where = stream === null ? `site ${site}` : `stream ${stream} of site ${site}`;
  const id = JSON.stringify([rule, site, stream, since, status]);
  const message = `${status === "firing" ? "Alert" : "Over"}: ${where}: ${sentence(rule, value, threshold)}`;
  return { id, rule, status, site, stream, value, threshold, since, at, message };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const minutes = (ms: number): string => `${(ms / 60_000).toFixed(0)} min`;

function sentence(rule: AlertRule, value: number, threshold: number): string {
  switch (rule) {
    case "offload":
      return `neighbours carried ${percent(value)} of what was played (threshold ${percent(threshold)}).`;
    case "stalls":
      return `the picture stood still ${percent(value)} of the time (threshold ${percent(threshold)}).`;
    case "silence":
      return `last sample ${minutes(value)} ago (threshold ${minutes(threshold)}).`;
  }
}
