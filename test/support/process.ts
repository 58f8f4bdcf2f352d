import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
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
