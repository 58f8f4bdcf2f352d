import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { type Assets, ListenFailed, type Role } from "../../../infra/server/index.ts";
import { open, serve } from "./serve.ts";

const script = {
  body: Buffer.from("play();".repeat(400)),
  extension: ".js",
  etag: 'W/"abc"',
  cacheControl: "public, max-age=300",
  shared: true,
};
const page = {
  body: Buffer.from("<!doctype html>"),
  extension: ".html",
  etag: 'W/"def"',
  cacheControl: "no-cache",
  shared: false,
};
const assets: Assets = new Map([
  ["/player.js", script],
  ["/", page],
]);

function upgrade(url: string): Promise<{ status: number | undefined; socket?: Duplex }> {
  const req = request(url, { headers: { Connection: "Upgrade", Upgrade: "websocket" }, agent: false });
  req.end();
  return new Promise((resolve, reject) => {
    req.on("upgrade", (res, socket) => resolve({ status: res.statusCode, socket }));
    req.on("response", (res) => resolve({ status: res.statusCode }));
    req.on("error", reject);
  });
}

it("answers what nobody serves with JSON, and never tells a client why it failed", async () => {
  const logged: string[] = [];
  const failing: Role = {
    name: "failing",
    middleware: [
      (ctx, next) => {
        if (ctx.path === "/bug") throw new Error("secret detail");
        if (ctx.path === "/refused") ctx.throw(413, "too much");
        return next();
      },
    ],
  };
  const { url } = await serve([failing], { logged });
  const answer = async (path: string) => {
    const response = await fetch(url + path);
    return [response.status, await response.json()];
  };
  expect(await answer("/nothing")).toEqual([404, { code: "not-found", message: "Nothing is served at /nothing." }]);
  expect(await answer("/refused")).toEqual([413, { code: "bad-request", message: "too much" }]);
  const [status, body] = await answer("/bug");
  expect([status, body.code]).toEqual([500, "internal"]);
  expect(JSON.stringify(body)).not.toContain("secret");
  expect(logged.join("")).toContain("secret detail");
});

it("logs requests without addresses and query strings", async () => {
  const logged: string[] = [];
  const { url } = await serve([], { logged, assets });
  await fetch(`${url}/?token=hidden`);
  const lines = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toContainEqual(expect.objectContaining({ msg: "request", path: "/", status: 200 }));
  expect(logged.join("")).not.toMatch(/hidden|127\.0\.0\.1/);
});

it("is ready when all roles are, and says which is not", async () => {
  let reason: string | undefined;
  const { url } = await serve([
    { name: "one", ready: async () => (reason === undefined ? "ready" : { reason }) },
    { name: "two" },
    { name: "three", ready: async () => (reason === undefined ? "ready" : Promise.reject(new Error("broken"))) },
  ]);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  reason = "store is away";
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: "not-ready",
    roles: { one: { reason }, two: "ready", three: { reason: expect.any(String) } },
  });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it("serves scripts to every origin, revalidated and compressed, and pages to its own", async () => {
  const { url } = await serve([], { assets });
  const { headers } = await fetch(`${url}/player.js`);
  expect(headers.get("content-type")).toMatch(/javascript/);
  expect(headers.get("access-control-allow-origin")).toBe("*");
  expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect(headers.get("content-encoding")).toBeTruthy();
  expect((await open(`${url}/player.js`, { "If-None-Match": script.etag })).res.statusCode).toBe(304);
  const demo = await fetch(url);
  expect(demo.headers.get("content-type")).toMatch(/html/);
  expect(demo.headers.get("access-control-allow-origin")).toBeNull();
  expect((await fetch(url, { method: "POST" })).status).toBe(404);
});

it("lets its pages play from any CDN over plain http, and run no foreign script", async () => {
  const { url } = await serve([], { assets });
  const { headers } = await fetch(url);
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toContain("connect-src 'self' http: https: ws: wss:");
  expect(policy).toMatch(/media-src [^;]*blob:/);
  expect(policy).toMatch(/worker-src [^;]*blob:/);
  expect(policy).toMatch(/script-src 'self'(;|$)/);
  expect(policy).not.toContain("upgrade-insecure-requests");
  expect(headers.get("strict-transport-security")).toBeNull();
});

it("hands an upgrade to the role of its path and hangs up on all others", async () => {
  const role: Role = {
    name: "sockets",
    upgrades: [
      {
        path: "/v1/signal",
        handle: (_req, socket) =>
          socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
      },
    ],
  };
  const { url } = await serve([role]);
  const taken = await upgrade(`${url}/v1/signal?x=1`);
  expect(taken.status).toBe(101);
  taken.socket?.destroy();
  expect((await upgrade(`${url}/v1/other`)).status).toBe(404);
});

it("says in one line that the port is in use", async () => {
  const { server } = await serve([]);
  const { port } = server.address;
  const { startServer } = await import("../../../infra/server/index.ts");
  const second = startServer({
    ...{ host: "127.0.0.1", port, roles: [], assets: new Map() },
    log: (await import("pino")).pino({ level: "silent" }),
    metrics: new (await import("prom-client")).Registry(),
  });
  const error: unknown = await second.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ListenFailed);
  expect(String(error)).toMatch(new RegExp(`Port ${port} .*in use`));
  expect(String(error)).not.toContain("\n");
});

it("stops: drains every role, then closes them in order, and hangs up on who stays", async () => {
  const steps: string[] = [];
  const { url, server } = await serve([
    {
      name: "first",
      drain: () => void steps.push("drain first"),
      close: () => {
        steps.push("close first");
        throw new Error("not mine to fail the rest");
      },
    },
    { name: "hanging", middleware: [(ctx, next) => (ctx.path === "/hang" ? new Promise(() => undefined) : next())] },
    { name: "last", drain: async () => void steps.push("drain last"), close: () => void steps.push("close last") },
  ]);
  const hanging = request(`${url}/hang`, { agent: false });
  hanging.end();
  const hungUp = once(hanging, "error");
  await once(hanging, "finish");
  await server.close();
  await hungUp;
  expect(steps).toEqual(["drain first", "drain last", "close first", "close last"]);
  await expect(fetch(url)).rejects.toThrow();
});
