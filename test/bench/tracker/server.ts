import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { freePort, until } from "../../support/process.ts";
import type { Usage } from "./servers/meter.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const METER = "./test/bench/tracker/servers/meter.ts";

/** What a piece of work cost. Shares are of one core, 1 being all of it. */
export type Cost = {
  /** The server's CPU for each operation, in microseconds. */
  readonly micros: number;
  readonly perSecond: number;
  readonly serverShare: number;
  readonly generatorShare: number;
};

/** Where a server is reached, on loopback. */
export type Address = { readonly port: number };

/** A server under measurement, in a process of its own; the generator is this process. */
export type Server = Address & {
  /** Does work of `count` operations, and tells what it cost the server. */
  readonly measure: (count: number, work: () => Promise<unknown>) => Promise<Cost>;
  readonly usage: (ask: "cpu" | "memory") => Promise<Usage>;
  readonly stop: () => Promise<void>;
};

export type Program = {
  readonly script: string;
  readonly args: (port: number) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Node's own, as the program is started with elsewhere. */
  readonly flags?: readonly string[];
};

export async function startServer({ script, args, env = {}, flags = [] }: Program): Promise<Server> {
  const port = await freePort();
  const child = fork(script, args(port), {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), ...env },
    execArgv: ["--expose-gc", ...flags, ...profiling(), "--import", "tsx", "--import", METER],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await until(`${script} to listen`, 90_000, () => listens(child, port));
  const usage = async (ask: "cpu" | "memory"): Promise<Usage> => {
    child.send(ask);
    const [answer] = (await once(child, "message")) as [Usage];
    return answer;
  };
  return {
    port,
    usage,
    measure: measureBy(usage),
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Measures work by what `usage` says before and after it. */
export const measureBy =
  (usage: Server["usage"]): Server["measure"] =>
  async (count, work) => {
    const [before, own, start] = [await usage("cpu"), process.cpuUsage(), performance.now()];
    await work();
    const [after, { user, system }, wall] = [await usage("cpu"), process.cpuUsage(own), performance.now() - start];
    const cpu = after.cpu - before.cpu;
    return {
      micros: cpu / count,
      perSecond: (count / wall) * 1000,
      serverShare: cpu / wall / 1000,
      generatorShare: (user + system) / wall / 1000,
    };
  };

/** With `TRACKER_PROFILE` naming a folder, each server leaves a profile of its CPU there. */
function profiling(): string[] {
  const folder = process.env.TRACKER_PROFILE;
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

function listens(child: ChildProcess, port: number): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`a server ended with ${child.exitCode}`);
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
