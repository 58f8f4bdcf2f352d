import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import type { Mail } from "../../tracker/store/index.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { freshPrefix, openStore, passTime } from "../support/redis-store.ts";
import { peerId } from "../unit/tracker/support/values.ts";
import { node } from "./calls.ts";

const LEASE_MS = 1500;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
  return server.stop;
}, 60_000);

const letter = (index: number): Mail => ({
  kind: "signal",
  to: peerId("b", "two2"),
  from: peerId("a"),
  payload: `${index}`,
});

type Holder = { readonly child: ChildProcess; readonly lines: () => string[] };

/** Another process that has the name `two2`. */
async function startHolder(prefix: string): Promise<Holder> {
  const args = ["--import", "tsx", "test/redis/holder.ts", server.url, prefix, "two2", String(LEASE_MS)];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  const lines = () => output.split("\n").filter((line) => line !== "");
  await expect.poll(lines, { timeout: 30_000 }).toEqual(["attached"]);
  return { child, lines };
}

test("mail to another process arrives whole and in order", async () => {
  const prefix = freshPrefix();
  const { store } = await openStore({ url: server.url, prefix });
  const { lines } = await startHolder(prefix);
  const letters = Array.from({ length: 2000 }, (_, index) => letter(index));
  expect(new Set(await Promise.all(letters.map((mail) => store.post(mail))))).toEqual(new Set(["posted"]));
  await expect.poll(() => lines().length).toBe(2001);
  expect(
    lines()
      .slice(1)
      .map((line) => JSON.parse(line)),
  ).toEqual(letters);
});

test("a process is asked for by its name about once a lease, however much mail it gets", async () => {
  const prefix = freshPrefix();
  const { store } = await openStore({ url: server.url, prefix });
  await startHolder(prefix);
  const asked = async (): Promise<number> => {
    const info = String(await server.command("INFO", "commandstats"));
    return Number(/cmdstat_pttl:calls=(\d+)/.exec(info)?.[1] ?? 0);
  };
  const [before, start] = [await asked(), performance.now()];
  for (let index = 0; index < 100; index++) expect(await store.post(letter(index))).toBe("posted");
  // A lease that was just renewed lasts for seven eighths of its length.
  const leases = Math.ceil((performance.now() - start) / (LEASE_MS / 2));
  const times = (await asked()) - before;
  expect(times).toBeGreaterThan(0);
  expect(times).toBeLessThanOrEqual(leases);
});

test("a process that is killed is gone at once, and its name is free when its lease ends", async () => {
  const prefix = freshPrefix();
  const { store } = await openStore({ url: server.url, prefix });
  const { child } = await startHolder(prefix);
  expect(await store.post(letter(0))).toBe("posted");
  child.kill("SIGKILL");
  await once(child, "exit");
  await expect.poll(() => store.post(letter(1))).toBe("gone");
  expect(await store.attach(node("two2"), () => undefined)).toBe("taken");
  await passTime(server, LEASE_MS);
  expect(await store.attach(node("two2"), () => undefined)).toBe("attached");
});

test("a process that hangs is gone when its lease ends, and back when it goes on", async () => {
  const prefix = freshPrefix();
  const { store } = await openStore({ url: server.url, prefix });
  const { child, lines } = await startHolder(prefix);
  child.kill("SIGSTOP");
  await expect.poll(() => store.post(letter(0)), { timeout: LEASE_MS * 4 }).toBe("gone");
  child.kill("SIGCONT");
  await expect.poll(() => store.post(letter(1)), { timeout: LEASE_MS * 4 }).toBe("posted");
  await expect.poll(() => lines().at(-1)).toBe(JSON.stringify(letter(1)));
});

test("a name that another process took meanwhile is not taken back, and the store is not ready", async () => {
  const prefix = freshPrefix();
  const { store, troubles } = await openStore({ url: server.url, prefix, limits: { keepMs: 50 } });
  await store.attach(node("two2"), () => undefined);
  const name = `${prefix}:{process-two2}:name`;
  await server.command("SET", name, "somebody else");
  await expect.poll(() => store.ready()).toEqual({ reason: "another process has taken the name two2" });
  expect(troubles).toEqual(["refused"]);
  await store.detach(node("two2"));
  expect(await server.command("GET", name)).toBe("somebody else");
  expect(await store.ready()).toBe("ready");
});
