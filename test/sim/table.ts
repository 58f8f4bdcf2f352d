import { CDN_REASONS } from "../../worker/protocol/index.ts";
import type { Figures } from "./figures.ts";

const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(1)}%` : "-");
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const fixed = (value: number, digits = 2): string => (Number.isFinite(value) ? value.toFixed(digits) : "-");

/** The figures of a run as lines for people. */
export function table(figures: Figures): string {
  const { bytes, cdnReasons, plain, viewers } = figures;
  const beside = (value: string | undefined): string => (value === undefined ? "" : `   (without peers: ${value})`);
  const rows: [string, string][] = [
    [
      "viewers",
      `${viewers.total}, ${fixed(viewers.averageConcurrent, 1)} at a time, ${fixed(viewers.minutes, 0)} viewer-minutes`,
    ],
    [
      "offload",
      `${percent(figures.offload)} of bound ${percent(figures.bound)}; one copy each would be ${percent(figures.boundOneCopy)}`,
    ],
    [
      "copies a segment",
      `${fixed(figures.copiesPerSegment)} after start-up; with it ${fixed(figures.copies.mean)} mean, ${fixed(figures.copies.median)} median, ${fixed(figures.copies.most)} most`,
    ],
    ["played", megabytes(bytes.played)],
    ["from the CDN", `${megabytes(bytes.cdn)} in ${figures.cdnRequests} requests`],
    [
      "  by reason",
      CDN_REASONS.filter((why) => cdnReasons[why] > 0)
        .map((why) => `${why} ${megabytes(cdnReasons[why])}`)
        .join(", "),
    ],
    [
      "from peers",
      `${megabytes(bytes.peer)}, uploaded ${megabytes(bytes.uploaded)}, wasted ${megabytes(bytes.wasted)}`,
    ],
    [
      "startup",
      `${seconds(figures.startupMs.median)} median, ${seconds(figures.startupMs.p95)} p95${beside(plain && `${seconds(plain.startupMs.median)}, ${seconds(plain.startupMs.p95)}`)}`,
    ],
    [
      "picture moved",
      `${percent(moved(figures.playMs, figures))} of the time${beside(plain && percent(moved(plain.playMs, figures)))}`,
    ],
    [
      "stalls",
      `${figures.stalls} of ${figures.stalledViewers} viewers, ${seconds(figures.stallMs)}${beside(plain && `${plain.stalls}, ${seconds(plain.stallMs)}`)}`,
    ],
    [
      "late segments",
      `${figures.late.count}, worst ${seconds(figures.late.worstMs)}${beside(plain && `${plain.late.count}`)}`,
    ],
    ["backed off", backedOff(figures)],
    ["skips, failures", `${figures.skips}, ${figures.failures}${beside(plain && `${plain.skips}, ${plain.failures}`)}`],
    [
      "mesh",
      `${fixed(figures.neighbours, 1)} neighbours, ${figures.frames} frames, ${figures.calls.made} calls, ${figures.calls.unreachable} between routers that cannot meet`,
    ],
    ["engine", `${fixed(figures.cpuMsPerViewerMinute, 1)} ms of CPU a viewer-minute`],
    [
      "simulator",
      `${figures.events} events in ${fixed(figures.wallSeconds, 1)} s, ${fixed(figures.eventsPerSecond, 0)} a second`,
    ],
    ["broken promises", `${figures.violations.count}, ${watched(figures)}`],
  ];
  if (figures.renditions.length > 1) rows.splice(3, 0, ["renditions", renditions(figures)]);
  const lines = rows.map(([name, value]) => `${name.padEnd(18)}${value}`);
  for (const { rule, atMs, viewer, detail } of figures.violations.first.slice(0, 10)) {
    lines.push(`  ${rule} at ${seconds(atMs)}, viewer ${viewer}: ${detail}`);
  }
  return `${lines.join("\n")}\n`;
}

const watched = ({ violations, viewers }: Figures): string =>
  violations.watched === viewers.total
    ? "every viewer watched"
    : `${violations.watched} of ${viewers.total} viewers watched, the books of all checked`;

const moved = (playMs: number, { viewers }: Pick<Figures, "viewers">): number => playMs / (viewers.minutes * 60_000);

const backedOff = ({ backedOff: { viewers: of, waryMs, offMs }, viewers }: Figures): string =>
  `${of} viewers, ${percent(moved(waryMs, { viewers }))} of the time wary, ${percent(moved(offMs, { viewers }))} off the mesh`;

const renditions = ({ renditions: shares, scenario, switches }: Figures): string => {
  const parts = shares.map(
    (share, level) => `${fixed((scenario.bitrates[level] ?? 0) / 1e6)} Mbit/s ${percent(share)}`,
  );
  return `${parts.join(", ")}; ${switches} changes`;
};
