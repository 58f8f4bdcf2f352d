import { expect, test } from "vitest";
import { ADDRESS_ADMIN_LIMIT } from "../../../../tracker/access/address-ledger.ts";
import { createMemoryRules, MAX_RULES } from "../../../../tracker/policy/index.ts";
import { type StartOptions, startTracker } from "../support/tracker.ts";

const TOKEN = "a token of the operator".replaceAll(" ", "-");
const ENV = { ADMIN_TOKEN: TOKEN, SITE: "shop" };
const DEFAULTS = { mode: "share", uploadBitsPerSecond: 20_000_000, sampleMs: 5000, holdoutShare: 0 };

async function startAdmin(options: StartOptions = {}) {
  const running = await startTracker({ env: ENV, ...options });
  const call = async (method: string, query = "", body?: unknown, authorization = `Bearer ${TOKEN}`) => {
    const response = await fetch(`${running.http}/api/v1/policy${query}`, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text, headers: response.headers };
  };
  return { ...running, call };
}

test("without a token there is no such path", async () => {
  const { call } = await startAdmin({ env: {} });
  expect((await call("GET")).status).toBe(404);
});

test.each(["", "Bearer", `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, "Bearer undefined"])(
  "authorization %j opens nothing",
  async (authorization) => {
    const { call } = await startAdmin();
    for (const method of ["GET", "PUT", "DELETE"]) {
      const { status, body, headers } = await call(
        method,
        "",
        method === "PUT" ? { mode: "off" } : undefined,
        authorization,
      );
      expect([status, body.code, headers.get("www-authenticate")]).toEqual([401, "unauthorised", "Bearer"]);
    }
    expect((await call("GET")).body.set).toBeNull();
  },
);

test("who guesses is stopped after a few, also with the right token", async () => {
  const { call } = await startAdmin({ clock: () => 1_700_000_000_000 });
  for (let guess = 0; guess < ADDRESS_ADMIN_LIMIT.burst; guess++)
    await call("GET", "", undefined, `Bearer guess${guess}`);
  expect((await call("GET")).status).toBe(429);
});

test("the narrowest scope wins, term by term, and what is taken away falls back", async () => {
  const { call } = await startAdmin();
  expect((await call("GET")).body).toEqual({ scope: { kind: "all" }, set: null, effective: DEFAULTS, rules: [] });
  await call("PUT", "", { mode: "receive", sampleMs: 10_000 });
  await call("PUT", "?site=shop", { uploadBitsPerSecond: 1000 });
  const { body } = await call("PUT", "?site=shop&stream=news", { mode: "share", holdoutShare: 0.5 });
  expect(body).toEqual({
    scope: { kind: "stream", site: "shop", stream: "news" },
    set: { mode: "share", holdoutShare: 0.5 },
    effective: { mode: "share", uploadBitsPerSecond: 1000, sampleMs: 10_000, holdoutShare: 0.5 },
  });
  // A stream alone is one of the tracker's own site.
  expect((await call("GET", "?stream=news")).body).toEqual(body);
  expect((await call("GET", "?site=other")).body.effective).toMatchObject({
    mode: "receive",
    uploadBitsPerSecond: 20_000_000,
  });
  expect((await call("GET")).body.rules).toHaveLength(3);
  expect((await call("DELETE", "?site=shop&stream=news")).body).toMatchObject({
    set: null,
    effective: { mode: "receive", uploadBitsPerSecond: 1000, sampleMs: 10_000, holdoutShare: 0 },
  });
});

test("a rule replaces the one before as a whole", async () => {
  const { call } = await startAdmin();
  await call("PUT", "", { mode: "off", sampleMs: 1000 });
  expect((await call("PUT", "", { sampleMs: 2000 })).body.effective).toEqual({ ...DEFAULTS, sampleMs: 2000 });
});

test.each([
  ["PUT", "", "{", 400, "JSON"],
  ["PUT", "", {}, 400, "at least one"],
  ["PUT", "", { mode: "on" }, 400, "mode"],
  ["PUT", "", { holdoutShare: 1.1 }, 400, "holdoutShare"],
  ["PUT", "", { uploadBitsPerSecond: -1 }, 400, "uploadBitsPerSecond"],
  ["PUT", "", { sampleMs: 1 }, 400, "sampleMs"],
  ["PUT", "", { mode: "off", password: 1 }, 400, "password"],
  ["PUT", "", `{"mode":"${"x".repeat(5000)}"}`, 413, "4096"],
  ["GET", "?sit=shop", undefined, 400, "sit"],
  ["GET", `?site=${"x".repeat(65)}`, undefined, 400, "site"],
  ["GET", `?stream=${"x".repeat(513)}`, undefined, 400, "stream"],
  ["POST", "", { mode: "off" }, 405, "PUT"],
])("%s %s %j is a %i that says what was expected", async (method, query, body, status, named) => {
  const { call } = await startAdmin();
  const answer = await call(method, query, body);
  expect(answer.status).toBe(status);
  expect(answer.body.message).toContain(named);
  expect((await call("GET")).body.rules).toEqual([]);
});

test("rules are kept up to a cap, and those that are there can still be changed", async () => {
  const rules = createMemoryRules();
  for (let site = 0; site < MAX_RULES; site++) {
    await rules.put({ scope: { kind: "site", site: `site-${site}` }, rule: { mode: "receive" } });
  }
  const { call } = await startAdmin({ rules });
  expect((await call("PUT", "?site=new", { mode: "off" })).status).toBe(409);
  expect((await call("PUT", "?site=site-1", { mode: "off" })).status).toBe(200);
});

test("a store that fails changes nothing, and says so", async () => {
  const failing = { ...createMemoryRules(), put: () => Promise.reject(new Error("no Redis")) };
  const { call } = await startAdmin({ rules: failing });
  expect((await call("PUT", "", { mode: "off" })).body).toMatchObject({ code: "internal" });
  expect((await call("GET")).body.effective.mode).toBe("share");
});
