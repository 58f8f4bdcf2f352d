import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import pino from "pino";
import { Registry } from "prom-client";
import { createWorker, type ReportAccess, type ReportStore, type Worker } from "../../../worker/index.ts";
import type { Prices } from "../../../worker/reports/index.ts";
import { NOON } from "./samples.ts";

/** A worker behind a real HTTP server of its own, at `NOON`. */
export type ServedReports = {
  readonly worker: Worker;
  readonly registry: Registry;
  /** Address of the server, without a slash at its end. */
  readonly origin: string;
  /** Answer of a path below `/api/v1/reports`. */
  readonly get: (path: string, token?: string) => Promise<{ status: number; cache: string | null; body: unknown }>;
  readonly stop: () => Promise<void>;
};

export const serveReports = async (
  access: ReportAccess,
  prices: Prices | null = null,
  store?: ReportStore,
): Promise<ServedReports> => {
  const registry = new Registry();
  const config = { maxStreams: 10, reportTokens: [], prices };
  const log = pino({ level: "silent" });
  const parts = { config, access, log, metrics: registry, clock: () => NOON };
  const worker = createWorker(store === undefined ? parts : { ...parts, store });
  const server = new Koa().use(worker.routes).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    worker,
    registry,
    origin,
    get: async (path, token) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${origin}/api/v1/reports${path}`, { headers });
      return { status: response.status, cache: response.headers.get("cache-control"), body: await response.json() };
    },
    stop: async () => {
      await worker.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
