import type { LinkPath } from "../engine/types.ts";

/** The fields that count of an entry in an `RTCStatsReport` (W3C webrtc-stats). Browsers differ in which they fill. */
type Report = {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly selectedCandidatePairId?: unknown;
  readonly localCandidateId?: unknown;
  readonly remoteCandidateId?: unknown;
  readonly candidateType?: unknown;
  readonly selected?: unknown;
  readonly nominated?: unknown;
  readonly state?: unknown;
};

const isReport = (value: unknown): value is Report => typeof value === "object" && value !== null;

/** How the bytes travel, read from the candidate pair in use; `undefined` while the statistics do not tell. */
export function pathOf(entries: readonly unknown[]): LinkPath | undefined {
  const reports = entries.filter(isReport);
  const pair = selectedPair(reports);
  if (pair === undefined) return undefined;
  const [own, theirs] = [pair.localCandidateId, pair.remoteCandidateId].map(
    (id) => reports.find((report) => id !== undefined && report.id === id)?.candidateType,
  );
  if (own === "relay") return "own-relay";
  if (theirs === "relay") return "their-relay";
  return own === undefined || theirs === undefined ? undefined : "direct";
}

function selectedPair(reports: readonly Report[]): Report | undefined {
  const transport = reports.find((r) => r.type === "transport" && r.selectedCandidatePairId !== undefined);
  if (transport !== undefined) return reports.find((r) => r.id === transport.selectedCandidatePairId);
  const pairs = reports.filter((r) => r.type === "candidate-pair");
  // Firefox has no transport entry in older versions; it marks the pair itself.
  return pairs.find((r) => r.selected === true) ?? pairs.find((r) => r.nominated === true && r.state === "succeeded");
}
