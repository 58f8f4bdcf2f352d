import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import pino from "pino";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { QUERY_FAULTS } from "../../../worker/reports/index.ts";
import { createRedisReportStore } from "../../../worker/store/redis/index.ts";
import { freePort } from "../../support/process.ts";
import { received, sessionId } from "./samples.ts";
import { type ServedReports, serveReports } from "./serve-reports.ts";

const FILE = new URL("../../../infra/openapi/reports.yaml", import.meta.url);
const api = parse(readFileSync(FILE, "utf8")) as {
  paths: Record<string, unknown>;
  components: { schemas: Record<string, { properties?: { code?: { enum?: string[] } } }> };
};
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(api, "reports");

let open: ServedReports;
let closed: ServedReports;
beforeAll(async () => {
  open = await serveReports({ kind: "open" });
  closed = await serveReports({ kind: "closed" });
  const samples = Array.from({ length: 20 }, (_, number) =>
    received({
      session: sessionId(number),
      group: number % 2 === 0 ? "p2p" : "holdout",
      startupMs: 500 + number,
      peer: "0000aaaaaaaaaaaaaaaaaa",
      links: [{ peer: "0000bbbbbbbbbbbbbbbbbb", received: 600, sent: 50 }],
    }),
  );
  await open.worker.sink.accept({ samples });
});
afterAll(() => Promise.all([open.stop(), closed.stop()]));

const check = (schema: string, body: unknown) => {
  const validate = ajv.getSchema(`reports#/components/schemas/${schema}`);
  if (validate === undefined) throw new Error(`no schema ${schema}`);
  expect(validate(body) === true ? [] : validate.errors).toEqual([]);
};

const ANSWERS = [
  ["/summary", "Summary"],
  ["/summary?stream=nothing", "Summary"],
  ["/series", "Series"],
  ["/series?bucket=day&tz=Europe/Berlin&from=2026-01-29", "Series"],
  ["/breakdown?by=stream", "Breakdown"],
  ["/breakdown?by=browser&stream=film", "Breakdown"],
  ["/streams", "Streams"],
  ["/sessions?stream=film", "Sessions"],
  ["/holdout", "Holdout"],
] as const;

it.each(ANSWERS)("%s answers what the OpenAPI file says", async (path, schema) => {
  const { status, body } = await open.get(path);
  expect(status).toBe(200);
  check(schema, body);
});

it("every path of the file is there, and is closed without a token", async () => {
  expect(new Set(ANSWERS.map(([path]) => path.split("?")[0]))).toEqual(new Set(Object.keys(api.paths)));
  for (const path of Object.keys(api.paths)) {
    const { status, body } = await closed.get(path);
    expect(status).toBe(401);
    check("Unauthorised", body);
  }
});

it("the codes of refusals are those of the file", async () => {
  expect(api.components.schemas.Fault?.properties?.code?.enum).toEqual([...QUERY_FAULTS]);
  const { status, body } = await open.get("/summary?from=yesterday");
  expect(status).toBe(400);
  check("Fault", body);
});

it("says that the reports' Redis is away, on every path, and not that the server is broken", async () => {
  const log = pino({ level: "silent" });
  const place = { url: `redis://127.0.0.1:${await freePort()}` };
  const store = createRedisReportStore({ place, log, clock: Date.now, maxStreams: 10 });
  const away = await serveReports({ kind: "open" }, null, store);
  onTestFinished(async () => {
    await away.stop();
    store.close();
  });
  for (const path of Object.keys(api.paths)) {
    const { status, body } = await away.get(`${path}?stream=film&by=country`);
    expect([path, status]).toEqual([path, 503]);
    check("Unavailable", body);
  }
});

it("a schema of the file refuses what it does not name", () => {
  const validate = ajv.getSchema("reports#/components/schemas/Streams");
  expect(validate?.({ streams: [{ stream: "film", played: -1 }] })).toBe(false);
  expect(ajv.getSchema("reports#/components/schemas/Summary")?.({ more: 1 })).toBe(false);
});
