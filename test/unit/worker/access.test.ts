import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import pino from "pino";
import { Registry } from "prom-client";
import { afterEach, expect, it } from "vitest";
import { accessOf, createWorker, type ReportAccess } from "../../../worker/index.ts";
import { NOON, received } from "./samples.ts";

const SHOP = "shop-0123456789abcdef";
const EVERY = "every-0123456789abcdef";
const TOKENS = [
  { site: "shop", token: SHOP },
  { site: "*", token: EVERY },
];

let stop: () => Promise<void> = async () => undefined;
afterEach(() => stop());

/** What a worker with two sites answers to `summary`. */
const serve = async (access: ReportAccess) => {
  const config = { maxStreams: 10, reportTokens: [], prices: null };
  const worker = createWorker({
    config,
    access,
    log: pino({ level: "silent" }),
    metrics: new Registry(),
    clock: () => NOON,
  });
  await worker.sink.accept({ samples: [received({}, { site: "shop" }), received({ played: 50 }, { site: "other" })] });
  const server = new Koa().use(worker.routes).listen(0, "127.0.0.1");
  await once(server, "listening");
  stop = async () => {
    await worker.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  const { port } = server.address() as AddressInfo;
  return async (query = "", token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/reports/summary${query}`, { headers });
    const body = (await response.json()) as { code?: string; message?: string; bytes?: { played: number } };
    return { status: response.status, ...body, played: body.bytes?.played };
  };
};

it("reports are open on this machine alone, as long as there are no tokens", () => {
  for (const host of ["127.0.0.1", "127.3.2.1", "localhost", "::1"]) expect(accessOf([], host).kind).toBe("open");
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.example.org"]) expect(accessOf([], host).kind).toBe("closed");
  expect(accessOf(TOKENS, "127.0.0.1").kind).toBe("tokens");
});

it("closed reports say what to set", async () => {
  const summary = await serve({ kind: "closed" });
  expect(await summary("", SHOP)).toMatchObject({
    status: 401,
    code: "unauthorised",
    message: expect.stringContaining("REPORT_TOKENS"),
  });
});

it("a token opens its own site and no other", async () => {
  const summary = await serve({ kind: "tokens", tokens: TOKENS });
  expect(await summary("", SHOP)).toMatchObject({ status: 200, played: 1_000 });
  expect(await summary("?site=shop", SHOP)).toMatchObject({ status: 200, played: 1_000 });
  expect(await summary("?site=other", SHOP)).toMatchObject({ status: 400, code: "badSite" });
  expect(await summary("", EVERY)).toMatchObject({ played: 1_050 });
  expect(await summary("?site=other", EVERY)).toMatchObject({ played: 50 });
});

it("without a token, or with another, nothing is told", async () => {
  const summary = await serve({ kind: "tokens", tokens: TOKENS });
  expect(await summary()).toMatchObject({ status: 401, code: "unauthorised" });
  expect(await summary("", `${SHOP}x`)).toMatchObject({ status: 401, played: undefined });
});
