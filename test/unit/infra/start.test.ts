import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { STOP_TIMEOUT_MS } from "../../../infra/start/signals.ts";
import { CLOSE_CODES, SIGNALLING_VERSION } from "../../../tracker/protocol/index.ts";

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

function launch(file: "main" | "tracker", env: Record<string, string>) {
  const child = spawn(process.execPath, ["--import", "tsx", `infra/start/${file}.ts`], {
    env: { ...process.env, PORT: "0", HOST: "127.0.0.1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  return child;
}

/** Starts and waits for the line that greets. A start may have to build first. */
async function start(file: "main" | "tracker", env: Record<string, string> = {}) {
  const child = launch(file, env);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes("is up")) break;
  }
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(lines.at(-1) ?? "")?.[0];
  if (url === undefined) throw new Error(`it did not start: ${lines.join("\n")}${await text(child.stderr)}`);
  return { child, lines, url };
}

it("brings everything up with one line, and goes in peace on SIGTERM", { timeout: 60_000 }, async () => {
  const { child, lines, url } = await start("main");
  expect(lines).toEqual([
    expect.stringMatching(
      /^Shoal is up: demo http:\/\/127\.0\.0\.1:\d+\/ {2}reports http:\/\/127\.0\.0\.1:\d+\/reports/,
    ),
  ]);
  for (const path of ["", "reports", "player.js", "shoal.mjs", "readyz", "metrics", "api/v1/reports/summary"]) {
    expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
  }
  // V8 looks for its hint at the very top, and a minifier may move comments.
  expect(await (await fetch(`${url}shoal.mjs`)).text()).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/);
  for (const stream of ["live", "vod"]) {
    const playlist = await (await fetch(`${url}demo/${stream}/master.m3u8`)).text();
    expect(playlist.match(/#EXT-X-STREAM-INF/g)).toHaveLength(2);
  }

  const viewer = new WebSocket(`${url.replace("http", "ws")}v1/signal`);
  await once(viewer, "open");
  const join = {
    t: "join",
    v: SIGNALLING_VERSION,
    stream: "s",
    session: "A".repeat(22),
    upload: "share",
    player: "test",
  };
  viewer.send(JSON.stringify(join));
  const [welcome] = (await once(viewer, "message")) as [Buffer];
  expect(JSON.parse(welcome.toString())).toMatchObject({ t: "welcome" });

  const second = launch("main", { PORT: new URL(url).port });
  const [said, [refused]] = await Promise.all([text(second.stderr), once(second, "exit")]);
  expect(refused).toBe(1);
  expect(said).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use[^\n]*\n$/);

  const farewell = once(viewer, "close");
  const asked = performance.now();
  child.kill("SIGTERM");
  expect((await farewell)[0]).toBe(CLOSE_CODES.draining);
  expect((await once(child, "exit"))[0]).toBe(0);
  expect(performance.now() - asked).toBeLessThan(STOP_TIMEOUT_MS);
});

it("runs the tracker alone, with the scripts and nothing else", { timeout: 60_000 }, async () => {
  const { child, url } = await start("tracker");
  const status = async (path: string) => (await fetch(url + path)).status;
  expect([await status("player.js"), await status("readyz")]).toEqual([200, 200]);
  expect([await status(""), await status("reports"), await status("demo/live/master.m3u8")]).toEqual([404, 404, 404]);
  child.kill("SIGINT");
  expect((await once(child, "exit"))[0]).toBe(0);
});
