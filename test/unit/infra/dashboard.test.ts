import { readFileSync } from "node:fs";
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { createMetrics as createProcessMetrics } from "../../../infra/server/index.ts";
import { createMetrics } from "../../../tracker/metrics.ts";
import { createAlertMetrics } from "../../../worker/alerts/index.ts";
import { createWorkerMetrics } from "../../../worker/jobs/metrics.ts";
import { createQueueMetrics } from "../../../worker/queue/index.ts";

const read = (path: string): string => readFileSync(new URL(`../../../infra/${path}`, import.meta.url), "utf8");

it("shows and watches no metric that no process has", () => {
  const registry = new Registry();
  createMetrics(registry, { sockets: () => 0, viewers: () => new Map(), swarms: () => 0 });
  createWorkerMetrics(registry, { size: () => ({ cells: 0, sessions: 0 }) });
  createQueueMetrics(registry, { counts: () => Promise.reject(new Error("no queue here")) });
  createAlertMetrics(registry);
  const known = [registry, createProcessMetrics()].flatMap((each) => each.getMetricsAsArray().map(({ name }) => name));
  const used = [read("grafana/shoal.json"), read("prometheus/reports.yml")].flatMap(
    (text) => text.match(/shoal_\w+/g) ?? [],
  );
  expect(new Set(used).size).toBeGreaterThan(15);
  expect(used.filter((name) => !known.includes(name.replace(/_bucket$/, "")))).toEqual([]);
});
