import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import pino from "pino";
import { Registry } from "prom-client";
import { createWorker } from "../../../worker/index.ts";
import { randomStream } from "../../sim/random.ts";
import { startDurableRedis } from "../../support/redis.ts";
import { openPast, type Past, visit } from "./past.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ASKED = 300;

/** Times of answers over HTTP on loopback: of a site's streams, and of all together, over all the days that the store was filled with. */
export async function benchQueries({ streams, days }: { readonly streams: number; readonly days: number }) {
  const server = await startDurableRedis("everysec");
  const past = await openPast(server);
  try {
    const from = past.clock();
    await fill(past, streams, days);
    return await ask(past, { from, to: past.clock(), streams });
  } finally {
    past.store.close();
    await server.stop();
  }
}

/** Some viewers each hour, and the last two hours as they are while many watch. */
async function fill(past: Past, streams: number, days: number): Promise<void> {
  const start = past.clock();
  for (let hour = 0; hour < days * 24; hour++) {
    const from = start + hour * HOUR_MS;
    const last = hour >= days * 24 - 2;
    const visits = { streams, viewers: last ? 1000 : 150, seed: hour };
    await visit(past, visits, {
      from: from + HOUR_MS / 2,
      to: from + (last ? HOUR_MS : HOUR_MS / 2 + 1),
      everyMs: 5000,
    });
    past.goTo(from + HOUR_MS);
    if (hour % 24 !== 23) continue;
    await past.store.rollUp();
    console.log(`${(hour + 1) / 24} of ${days} days are told`);
  }
}

async function ask({ store, clock }: Past, { from, to, streams }: { from: number; to: number; streams: number }) {
  const worker = createWorker({
    config: { maxStreams: 1000, reportTokens: [], prices: null },
    access: { kind: "open" },
    store,
    log: pino({ level: "warn" }),
    metrics: new Registry(),
    clock,
  });
  const http = new Koa().use(worker.routes).listen(0, "127.0.0.1");
  await once(http, "listening");
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api/v1/reports`;
  const random = randomStream(1, "queries");
  const time = async (path: string): Promise<number> => {
    const start = performance.now();
    const response = await fetch(`${base}/${path}`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return performance.now() - start;
  };
  const table: Record<string, { p50: number; p95: number; most: number }> = {};
  for (const report of ["summary", "series", "breakdown", "streams"] as const) {
    for (const of of ["stream", "all"] as const) {
      const times: number[] = [];
      // The first few warm up what a server has warm.
      for (let asked = -20; asked < ASKED; asked++) {
        const query = new URLSearchParams({ from: `${from}`, to: `${to}` });
        if (of === "stream") query.set("stream", `stream-${Math.floor(random() * streams)}`);
        if (report === "breakdown") query.set("by", of === "stream" ? "country" : "stream");
        const took = await time(`${report}?${query}`);
        if (asked >= 0) times.push(took);
      }
      times.sort((a, b) => a - b);
      const at = (share: number): number => Number((times[Math.ceil(times.length * share) - 1] ?? 0).toFixed(1));
      table[`${report}, ${of}: ms`] = { p50: at(0.5), p95: at(0.95), most: at(1) };
    }
  }
  await worker.close();
  http.closeAllConnections();
  http.close();
  return { ...table, days: { p50: (to - from) / DAY_MS, p95: 0, most: 0 } };
}
