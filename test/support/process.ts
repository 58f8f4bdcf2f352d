import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Below what Linux and macOS give to outgoing connections (from 32,768): what is free here stays free until we listen. */
const PORTS = { from: 20_000, to: 32_000 };
let nextPort = randomInt(PORTS.from, PORTS.to);

/** A port on loopback that nothing listens on, and that no connection is given by chance. */
export async function freePort(): Promise<number> {
  for (let tries = PORTS.to - PORTS.from; tries > 0; tries--) {
    const port = nextPort;
    nextPort = port + 1 < PORTS.to ? port + 1 : PORTS.from;
    if (await isFree(port)) return port;
  }
  throw new Error(`every port from ${PORTS.from} to ${PORTS.to} is taken`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export type Running = {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything printed so far. */
  readonly output: () => string;
  /** Ends it as an operator does (SIGTERM), and waits. */
  readonly stop: () => Promise<number | null>;
  /** Ends it as a power cut does (SIGKILL), and waits. */
  readonly kill: () => Promise<void>;
};

/** Starts one of the project's start scripts on a free port and waits until it is ready. */
export async function start(script: "main" | "tracker" | "worker", env: Record<string, string> = {}): Promise<Running> {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), "shoal-data-"));
  const child = spawn(process.execPath, ["--import", "tsx", `infra/start/${script}.ts`], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), HOST: "127.0.0.1", DATA_DIR: data, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.once("exit", () => rmSync(data, { recursive: true, force: true }));
  let output = "";
  child.stdout?.on("data", (chunk) => (output += String(chunk)));
  child.stderr?.on("data", (chunk) => (output += String(chunk)));
  const url = `http://127.0.0.1:${port}`;
  await until(`${script} to be ready`, 90_000, async () => {
    if (child.exitCode !== null) throw new Error(`${script} ended with ${child.exitCode}:\n${output}`);
    return fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
  });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    url,
    child,
    output: () => output,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

/** Waits until `condition` holds, looking ten times a second; throws after `ms` milliseconds, with what was last seen. */
export async function until(
  what: string,
  ms: number,
  condition: () => Promise<boolean> | boolean,
  seen: () => unknown = () => "",
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what} ${JSON.stringify(await seen())}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
