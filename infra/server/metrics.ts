import { collectDefaultMetrics, Registry } from "prom-client";

/** A registry with the process's own figures: CPU, memory, garbage collection, event loop lag; all named `shoal_…`. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "shoal_" });
  return registry;
}
