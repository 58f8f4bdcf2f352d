import { startDurableRedis } from "../../support/redis.ts";
import { openPast, visit } from "./past.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const STREAMS_ON_PAPER = 10_000;

/** What lies in Redis of a stream, by what its keys are for (the part after the site), and for how many days each day of it is kept. */
const KINDS = [
  { kind: "minutes of totals", keys: /^log:minute:\d+:stream:/, days: 2 },
  { kind: "minutes of breakdowns", keys: /^log:minute:\d+:\w+:of /, days: 2 },
  { kind: "hours of trials", keys: /^log:hour:\d+:trial:of /, days: 90 },
  { kind: "sessions", keys: /^log:day:/, days: 2 },
  { kind: "hours", keys: /^page:hour:\d+:(stream:|\w+:of )/, days: 90 },
  { kind: "days", keys: /^page:day:\d+:(stream:|\w+:of )/, days: 730 },
  { kind: "viewers of minutes", keys: /^viewers:minute:\d+:stream:/, days: 2 },
  { kind: "viewers of hours", keys: /^viewers:hour:\d+:stream:/, days: 90 },
  { kind: "viewers of days", keys: /^viewers:day:\d+:stream:/, days: 730 },
  { kind: "names", keys: /^names:\d+:(stream:|\w+:of )/, days: 3 },
] as const;
/** A crowd of one stream is spread over two. */
const STREAMS = 2;

/** A stream for a day with so many viewers at any time, each for so long; what is kept of it in Redis, and of 10,000 such streams. */
export async function benchStorage({
  viewers,
  visitMinutes,
}: {
  readonly viewers: number;
  readonly visitMinutes: number;
}) {
  const server = await startDurableRedis("everysec");
  const past = await openPast(server);
  try {
    const from = past.clock();
    for (let at = from; at < from + DAY_MS; at += visitMinutes * MINUTE_MS) {
      await visit(
        past,
        { streams: 1, viewers: viewers * STREAMS, seed: at / MINUTE_MS },
        { from: at, to: at + visitMinutes * MINUTE_MS, everyMs: 5000 },
      );
    }
    past.goTo(from + DAY_MS + 60 * MINUTE_MS);
    await past.store.rollUp();
    await past.store.rollUp();
    return { ...(await weigh(server.command)) };
  } finally {
    past.store.close();
    await server.stop();
  }
}

async function weigh(command: (...args: string[]) => Promise<unknown>) {
  const rows: Record<string, { bytesPerStreamDay: number; keptDays: number; gigabytesOfAll: number }> = {};
  for (const key of ((await command("KEYS", "*:reports:*")) as string[]).sort()) {
    const name = key.slice(key.indexOf("}:") + 2);
    const kind = KINDS.find(({ keys }) => keys.test(name));
    if (kind === undefined) continue;
    const bytes = Number(await command("MEMORY", "USAGE", key, "SAMPLES", "0")) / STREAMS;
    const row = rows[kind.kind] ?? { bytesPerStreamDay: 0, keptDays: kind.days, gigabytesOfAll: 0 };
    const sum = row.bytesPerStreamDay + bytes;
    rows[kind.kind] = { ...row, bytesPerStreamDay: sum, gigabytesOfAll: (sum * kind.days * STREAMS_ON_PAPER) / 1e9 };
  }
  const all = Object.values(rows);
  const sum = (of: "bytesPerStreamDay" | "gigabytesOfAll") => all.reduce((total, row) => total + row[of], 0);
  return {
    ...rows,
    all: { bytesPerStreamDay: sum("bytesPerStreamDay"), keptDays: 0, gigabytesOfAll: sum("gigabytesOfAll") },
  };
}
