import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { CDN_REASONS, type Sample, SOURCES } from "../protocol/index.ts";
import { REFUSALS, type Refusal } from "../reports/index.ts";
import type { ReportStore } from "../store/port.ts";

const NAMES = {
  samples: "shoal_worker_samples_total",
  refusals: "shoal_worker_refused_samples_total",
  bytes: "shoal_worker_bytes_total",
  reasons: "shoal_worker_cdn_bytes_total",
  played: "shoal_worker_played_bytes_total",
  batches: "shoal_worker_batch_seconds",
  held: "shoal_worker_held",
} as const;

/** What the worker counts about itself; all names start with `shoal_worker_`. */
export type WorkerMetrics = {
  readonly folded: (samples: readonly Sample[]) => void;
  readonly duplicates: (count: number) => void;
  readonly refused: (reason: Refusal) => void;
  readonly batch: (outcome: "taken" | "refused" | "failed", seconds: number) => void;
  /** Takes the metrics out of the registry. */
  readonly close: () => void;
};

/** Registers the worker's metrics. A registry takes those of one worker; a second one throws. */
export const createWorkerMetrics = (registry: Registry, store: Pick<ReportStore, "size">): WorkerMetrics => {
  const registers = [registry];
  const samples = new Counter({
    name: NAMES.samples,
    help: "Samples by what became of them",
    labelNames: ["outcome"],
    registers,
  });
  const refusals = new Counter({
    name: NAMES.refusals,
    help: "Samples that were not counted, by reason",
    labelNames: ["reason"],
    registers,
  });
  const bytes = new Counter({
    name: NAMES.bytes,
    help: "Bytes that viewers reported, by source",
    labelNames: ["source"],
    registers,
  });
  const reasons = new Counter({
    name: NAMES.reasons,
    help: "Bytes that viewers bought from the CDN, by reason",
    labelNames: ["reason"],
    registers,
  });
  const played = new Counter({
    name: NAMES.played,
    help: "Bytes handed to players",
    registers,
  });
  const batches = new Histogram({
    name: NAMES.batches,
    help: "Time that a batch took, by outcome",
    labelNames: ["outcome"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers,
  });
  const held = new Gauge({
    name: NAMES.held,
    help: "What is kept in this process's memory: cells of reports, sessions",
    labelNames: ["kind"],
    registers,
    collect: () => {
      const size = store.size();
      held.set({ kind: "cells" }, size.cells);
      held.set({ kind: "sessions" }, size.sessions);
    },
  });

  // A series that appears with its first event cannot be told from one that is missing: start all of them at zero.
  for (const outcome of ["folded", "duplicate", "refused"]) samples.inc({ outcome }, 0);
  for (const reason of REFUSALS) refusals.inc({ reason }, 0);
  for (const source of SOURCES) bytes.inc({ source }, 0);
  for (const reason of CDN_REASONS) reasons.inc({ reason }, 0);

  return {
    folded: (all) => {
      const sum = (of: (sample: Sample) => number): number => all.reduce((total, sample) => total + of(sample), 0);
      samples.inc({ outcome: "folded" }, all.length);
      for (const source of SOURCES)
        bytes.inc(
          { source },
          sum((sample) => sample.bytes[source]),
        );
      for (const reason of CDN_REASONS)
        reasons.inc(
          { reason },
          sum((sample) => sample.cdnReasons[reason]),
        );
      played.inc(sum((sample) => sample.played));
    },
    duplicates: (count) => samples.inc({ outcome: "duplicate" }, count),
    refused: (reason) => {
      samples.inc({ outcome: "refused" });
      refusals.inc({ reason });
    },
    batch: (outcome, seconds) => batches.observe({ outcome }, seconds),
    close: () => {
      for (const name of Object.values(NAMES)) registry.removeSingleMetric(name);
    },
  };
};
