import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import pino from "pino";
import { Registry } from "prom-client";
import { expect, it, onTestFinished } from "vitest";
import { createAlertMetrics } from "../../../../worker/alerts/metrics.ts";
import { type AlertState, NO_ALERTS } from "../../../../worker/alerts/outbox.ts";
import { alertRound } from "../../../../worker/alerts/rounds.ts";
import type { Figures, Notice } from "../../../../worker/alerts/rules.ts";
import { createWebhook } from "../../../../worker/alerts/webhook.ts";

const SECRET = "a secret of the receiver";

type Received = { readonly body: string; readonly headers: IncomingMessage["headers"] };

/** A receiver that answers with the next of `answers`, the last one for ever. */
async function openReceiver(answers: number[]) {
  const received: Received[] = [];
  const server = createServer((req, res) => {
    void text(req).then((body) => {
      received.push({ body, headers: req.headers });
      const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200;
      res.writeHead(status, { location: "/elsewhere" }).end("thanks");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

const trouble: Figures = {
  site: "site",
  stream: "film",
  playedBytes: 1000,
  boughtBytes: 900,
  stallMs: 0,
  watchMs: 1_200_000,
  viewers: 10,
  heardAt: 0,
};

/** Rounds over figures that a test changes, with a memory that outlives "processes" and a clock that it moves. */
function openRounds(url: string) {
  const registry = new Registry();
  const world = { now: Date.UTC(2026, 0, 31, 12), figures: [trouble] as Figures[], state: NO_ALERTS as AlertState };
  const clock = () => world.now;
  const deps = {
    thresholds: { offload: 0.5 },
    look: async () => world.figures,
    memory: {
      load: async () => world.state,
      save: async (state: AlertState) => {
        world.state = JSON.parse(JSON.stringify(state));
      },
    },
    webhook: createWebhook({ url, secret: SECRET, clock }),
    clock,
    log: pino({ level: "silent" }),
    metrics: createAlertMetrics(registry),
  };
  return { world, registry, round: () => alertRound(deps) };
}

it("tells a signed notice once, and once that it is over", async () => {
  const { url, received } = await openReceiver([200]);
  const { world, round, registry } = openRounds(url);
  for (let i = 0; i < 3; i++) await round();
  expect(received).toHaveLength(1);
  const [{ body, headers } = { body: "", headers: {} }] = received;
  const timestamp = String(headers["shoal-timestamp"]);
  expect(Number(timestamp) * 1000).toBe(world.now);
  const expected = createHmac("sha256", SECRET).update(`${timestamp}.${body}`).digest("hex");
  expect(headers["shoal-signature"]).toBe(`v1=${expected}`);
  expect(JSON.parse(body)).toMatchObject({ rule: "offload", status: "firing", stream: "film", value: 0.1 });
  expect(await registry.metrics()).toContain('shoal_alerts_firing{rule="offload"} 1');

  world.figures = [{ ...trouble, boughtBytes: 100 }];
  for (let i = 0; i < 3; i++) await round();
  expect(received.map(({ body: text }) => (JSON.parse(text) as Notice).status)).toEqual(["firing", "resolved"]);
});

it("tries again after a pause while the receiver fails, with the same id", async () => {
  const { url, received } = await openReceiver([500, 429, 200]);
  const { world, round, registry } = openRounds(url);
  await round();
  await round();
  expect(received).toHaveLength(1);
  world.now += 30_000;
  await round();
  world.now += 59_000;
  await round();
  expect(received).toHaveLength(2);
  world.now += 1000;
  await round();
  await round();
  expect(received).toHaveLength(3);
  expect(new Set(received.map(({ body }) => (JSON.parse(body) as Notice).id)).size).toBe(1);
  const text = await registry.metrics();
  expect(text).toContain('shoal_alert_deliveries_total{outcome="retried"} 2');
  expect(text).toContain('shoal_alert_deliveries_total{outcome="delivered"} 1');
});

it("gives up what the receiver refuses, and follows no redirect", async () => {
  for (const status of [400, 302]) {
    const { url, received } = await openReceiver([status]);
    const { world, round, registry } = openRounds(url);
    await round();
    world.now += 3_600_000;
    await round();
    expect(received).toHaveLength(1);
    expect(await registry.metrics()).toContain('shoal_alert_deliveries_total{outcome="lost"} 1');
  }
});

it("keeps a notice while nobody listens", async () => {
  const { world, round } = openRounds("http://127.0.0.1:9/hook");
  await round();
  expect(world.state.outbox).toMatchObject([{ tries: 1 }]);
});
