import { missed } from "../target.ts";
import type { SimResult } from "./run.ts";

/** A result as one line of a table for people. */
export const simRow = (of: SimResult) => ({
  scenario: of.name,
  seed: of.seed,
  offload: of.offload.toFixed(4),
  bound: of.bound.toFixed(4),
  "of bound": `${((100 * of.offload) / of.bound).toFixed(1)}%`,
  copies: of.copiesPerSegment.toFixed(2),
  "with start": of.copies.mean.toFixed(2),
  stalls: of.stalls,
  plain: of.stallsPlain ?? "",
  "start ms": Math.round(of.startupMs.median),
  "CPU ms/viewer-min": of.cpuMsPerViewerMinute.toFixed(1),
  "wall s": of.wallSeconds.toFixed(0),
  broken: of.brokenPromises,
  missed: missed(of.targets),
});
