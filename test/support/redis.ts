import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { freePort, until } from "./process.ts";

/** A Redis of the tests' own: on loopback, on a free port, forgetting everything when it ends. */
export type RedisServer = {
  readonly url: string;
  readonly port: number;
  /** Runs one command, over a connection of its own. */
  readonly command: (...command: string[]) => Promise<unknown>;
  /** Ends it as a power cut does. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port: empty, or with what a durable one wrote down. */
  readonly restart: () => Promise<void>;
  /** Ends it for good. */
  readonly stop: () => Promise<void>;
};

export type RedisCluster = {
  readonly nodes: readonly [RedisServer, RedisServer, RedisServer];
  readonly stop: () => Promise<void>;
};

const SLOTS = 16_384;
const START_MS = 20_000;
const ALWAYS = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--enable-debug-command", "local"];

/**
 * Runs a program until nothing holds the shell's input any more: however the tests end, their Redis ends with them, and as a
 * power cut would end it.
 */
const WHILE_WATCHED = '"$@" & program=$!; cat > /dev/null; kill -9 $program; wait $program';

/** Starts one Redis. */
export const startRedis = (): Promise<RedisServer> => startServer([]);

/** Starts one Redis that writes down what it is told before it answers, so that `restart` finds all of it again. */
export const startDurableRedis = (appendfsync: "always" | "everysec" = "always"): Promise<RedisServer> =>
  startServer(["--appendonly", "yes", "--appendfsync", appendfsync]);

/** Starts a cluster of three masters that share all slots; while one is gone, the others answer for their own. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const [a, b, c] = await Promise.all([startClusterNode(), startClusterNode(), startClusterNode()]);
  const agreed = (): Promise<void> =>
    until("the cluster to agree", START_MS, async () => (await Promise.all(nodes.map(knowsAll))).every(Boolean));
  /** A master that comes back answers `PING` at once, but refuses its slots for two seconds until it trusts the others' view. */
  const rejoining = ({ server }: { readonly server: RedisServer }): RedisServer => ({
    ...server,
    restart: async () => {
      await server.restart();
      await agreed();
    },
  });
  const nodes = [rejoining(a), rejoining(b), rejoining(c)] as const;
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    for (const [index, node] of nodes.entries()) {
      const slotAt = (part: number): number => Math.round((part * SLOTS) / nodes.length);
      await node.command("CLUSTER", "ADDSLOTSRANGE", String(slotAt(index)), String(slotAt(index + 1) - 1));
      await node.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    }
    for (const { server, busPort } of [b, c]) {
      await a.server.command("CLUSTER", "MEET", "127.0.0.1", String(server.port), String(busPort));
    }
    await agreed();
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}

async function startClusterNode(): Promise<{ readonly server: RedisServer; readonly busPort: number }> {
  const busPort = await freePort();
  const options = ["--cluster-enabled", "yes", "--cluster-port", String(busPort), "--cluster-node-timeout", "2000"];
  return { server: await startServer([...options, "--cluster-require-full-coverage", "no"]), busPort };
}

/** Does this node see three masters, all slots among them. */
async function knowsAll(node: RedisServer): Promise<boolean> {
  const info = String(await node.command("CLUSTER", "INFO"));
  const slots = await node.command("CLUSTER", "SLOTS");
  return info.includes("cluster_state:ok") && Array.isArray(slots) && slots.length === 3;
}

async function startServer(options: readonly string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  const command = async (...args: string[]): Promise<unknown> => {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return await client.sendCommand(args);
    } finally {
      if (client.isOpen) client.destroy();
    }
  };
  const restart = async (): Promise<void> => {
    const server = ["redis-server", "--port", String(port), "--dir", folder, ...ALWAYS, ...options];
    const started = spawn("sh", ["-c", WHILE_WATCHED, "sh", ...server], { stdio: ["pipe", "pipe", "pipe"] });
    child = started;
    let output = "";
    started.stdout.on("data", (chunk) => (output += String(chunk)));
    started.stderr.on("data", (chunk) => (output += String(chunk)));
    const answers = () =>
      command("PING").then(
        () => true,
        () => false,
      );
    await until("redis-server to answer", START_MS, answers, () => output);
  };
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.stdin?.end();
    await exited;
  };

  await restart();
  return {
    url,
    port,
    command,
    kill,
    restart,
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
