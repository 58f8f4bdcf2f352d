import { Counter, Gauge, type Registry } from "prom-client";
import { ALERT_RULES, type Firing } from "./rules.ts";

export type AlertMetrics = {
  readonly firing: (firing: readonly Firing[]) => void;
  readonly delivery: (outcome: "delivered" | "retried" | "lost") => void;
  /** Takes the metrics out of the registry. */
  readonly close: () => void;
};

const NAMES = { firing: "shoal_alerts_firing", deliveries: "shoal_alert_deliveries_total" } as const;

export function createAlertMetrics(registry: Registry): AlertMetrics {
  const registers = [registry];
  const firing = new Gauge({
    name: NAMES.firing,
    help: "Alerts that fire now, by rule",
    labelNames: ["rule"],
    registers,
  });
  const deliveries = new Counter({
    name: NAMES.deliveries,
    help: "Tries to tell the webhook, by what came of them",
    labelNames: ["outcome"],
    registers,
  });
  for (const rule of ALERT_RULES) firing.set({ rule }, 0);
  for (const outcome of ["delivered", "retried", "lost"]) deliveries.inc({ outcome }, 0);
  return {
    firing: (now) => {
      for (const rule of ALERT_RULES) firing.set({ rule }, now.filter((each) => each.rule === rule).length);
    },
    delivery: (outcome) => deliveries.inc({ outcome }),
    close: () => {
      for (const name of Object.values(NAMES)) registry.removeSingleMetric(name);
    },
  };
}
