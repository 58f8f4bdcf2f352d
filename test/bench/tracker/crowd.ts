import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CONTENDERS, type Name, skipSeats } from "./contenders.ts";
import { openViewers } from "./crew.ts";
import { TOLD_MS } from "./matching.ts";
import type { Server } from "./server.ts";

export type Crowd = {
  readonly viewers: number;
  /** The swarm's size as the last newcomer heard it. */
  readonly told: number;
  /** Of the introductions to the last newcomers, the share that went to the half of the viewers that came first. */
  readonly toFirstHalf: number;
  readonly joinsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How late the generator itself was at the 99th of 100 joins; part of what a join took. */
  readonly lateP99Ms: number;
  readonly serverShare: number;
  readonly generatorShare: number;
};

/** What those who were there before were told of newcomers. */
export type Gained = { readonly byFirstHalf: number; readonly byAll: number };

const CROWD = 19_500;
const NEWCOMERS = 4000;
const JOINS_PER_SECOND = 1000;

/**
 * One swarm of 19,500: the last 4,000 join at a steady 1,000 a second, whatever the server does. The others sit in a process of
 * their own: what they are told meanwhile must not keep the clock of the newcomers waiting.
 */
export async function measureCrowd(name: Name, server: Server): Promise<Crowd> {
  const seated = CROWD - NEWCOMERS;
  const settled = await startHolder(name, server.port, seated);
  try {
    skipSeats(seated);
    // What they are still told of each other is not the newcomers' doing.
    await pause(TOLD_MS);
    const newcomers = await openViewers(CONTENDERS[name], server, NEWCOMERS, () => CROWD_STREAM);
    await settled.ask("mark");
    const waits: number[] = [];
    const lateness: number[] = [];
    const cost = await server.measure(NEWCOMERS, async () => {
      const start = performance.now();
      const joins: Promise<void>[] = [];
      for (const [index, viewer] of newcomers.entries()) {
        const due = start + (index / JOINS_PER_SECOND) * 1000;
        while (performance.now() < due) await pause(1);
        // The generator's own lateness counts: a viewer does not wait for others to be slow.
        lateness.push(performance.now() - due);
        joins.push(viewer.join().then(() => void waits.push(performance.now() - due)));
      }
      await Promise.all(joins);
    });
    await pause(TOLD_MS);
    const { byFirstHalf, byAll } = await settled.ask("gained");
    const told = newcomers.at(-1)?.swarmSize() ?? 0;
    for (const { wire } of newcomers) wire.close();
    return {
      viewers: CROWD,
      told,
      toFirstHalf: byFirstHalf / byAll,
      joinsPerSecond: cost.perSecond,
      p50Ms: quantile(waits, 0.5),
      p99Ms: quantile(waits, 0.99),
      lateP99Ms: quantile(lateness, 0.99),
      serverShare: cost.serverShare,
      generatorShare: cost.generatorShare,
    };
  } finally {
    settled.stop();
  }
}

export const CROWD_STREAM = "crowd";

/** The first half of the whole crowd. */
export const FIRST_HALF = CROWD / 2;

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

type Holder = { readonly ask: (what: "mark" | "gained") => Promise<Gained>; readonly stop: () => void };

/** Viewers who have joined before, in a process of their own. */
async function startHolder(name: Name, port: number, viewers: number): Promise<Holder> {
  const child: ChildProcess = fork(
    fileURLToPath(new URL("holder.ts", import.meta.url)),
    [name, String(port), String(viewers)],
    { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  const answer = async (): Promise<Gained> => {
    const [gained] = (await Promise.race([once(child, "message"), ended(child)])) as [Gained];
    return gained;
  };
  await answer();
  return {
    ask(what) {
      child.send(what);
      return answer();
    },
    stop: () => void child.kill(),
  };
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, "exit")) as [number | null];
  throw new Error(`the process that holds the crowd ended with ${code}`);
}
