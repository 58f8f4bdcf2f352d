import { bucketOf } from "../protocol/units.ts";
import type { Answer, Report } from "./api.ts";
import { createBreakdown } from "./breakdown.ts";
import { find, setText } from "./dom.ts";
import { createDownloads } from "./downloads.ts";
import { showFigures } from "./figures.ts";
import { createFilters } from "./filters.ts";
import { createGap } from "./gap.ts";
import { announcementOf } from "./headline.ts";
import { clockOf } from "./points.ts";
import { createPolling, POLL_MS } from "./poll.ts";
import { showHoldout, showQuality } from "./quality.ts";
import { createTable } from "./table.ts";
import { createTokenForm } from "./token.ts";
import { createTurns, lazy, painted } from "./turns.ts";

// The charts' library comes by itself, while the first answer is under way; it measures the page, which is better laid out by then.
const charts = painted()
  .then(() => import("./charts.ts"))
  .then(({ createCharts }) => createCharts());
charts.catch(() => showTrouble("The charts could not be loaded. Load this page again."));
let lastReportAt: number | null = null;
let announceNext = false;

const filters = createFilters(() => {
  announceNext = true;
  polling.refresh();
});
const askForToken = createTokenForm(() => polling.refresh());
const gap = lazy(createGap);
const table = lazy(createTable);
const breakdown = lazy(() => createBreakdown(filters.view().by, (by) => filters.change({ by })));
const polling = createPolling(filters.view, onAnswer);
// Built while the first answer is under way.
createTurns()([polling.refresh, gap, breakdown, () => createDownloads(filters.view, showTrouble)]);
const inTurns = createTurns();

function onAnswer(answer: Answer): void {
  askForToken(answer.kind === "locked" ? answer.message : null);
  switch (answer.kind) {
    case "report":
      lastReportAt = Date.now();
      showReport(answer.report);
      showTrouble(null);
      break;
    case "locked":
      find("main").dataset.state = "locked";
      showTrouble(null);
      setStatus("trouble", "Locked");
      break;
    case "refused":
      showTrouble(`The server refused this report: ${answer.message}`);
      break;
    case "unreachable": {
      const since = lastReportAt === null ? "" : ` These figures are from ${clockOf(lastReportAt)}.`;
      showTrouble(`The server cannot be reached.${since} Trying again every ${POLL_MS / 1000} seconds.`);
      break;
    }
    default:
      answer satisfies never;
  }
}

function showReport(report: Report): void {
  const { summary, series } = report;
  inTurns([
    () => void charts.then((show) => show(series)).catch(() => undefined),
    () => filters.offer(report.streams),
    () => showFigures(report),
    () => gap()(summary),
    () => showQuality(summary),
    () => showHoldout(report.holdout),
    () => breakdown()(report.breakdown),
    () => table()(series),
    () => showState(report),
  ]);
}

/** The last of a report: from here on all of it is there. */
function showState(report: Report): void {
  const { summary, series } = report;
  const filling = report.view.period.kind === "last" ? "; the last bar is still filling" : "";
  setText(find("bytes-note"), `Delivered to viewers per ${bucketOf(series.bucketMs)}${filling}`);

  const { bytes } = summary;
  const empty = bytes.played + bytes.cdn + bytes.peer + bytes.relay === 0;
  find("empty").hidden = !empty;
  find("main").dataset.state = empty ? "empty" : "full";
  // Only what the reader asked for is read out, not every refresh.
  if (announceNext) setText(find("announce"), announcementOf(report));
  announceNext = false;
}

function showTrouble(message: string | null): void {
  const trouble = find("trouble");
  if (message !== null) setText(find("trouble-text"), message);
  trouble.hidden = message === null;
  if (message === null) setStatus("live", `Live · every ${POLL_MS / 1000} s`);
  else setStatus("trouble", lastReportAt === null ? "No answer yet" : "Not up to date");
}

function setStatus(state: "live" | "trouble", text: string): void {
  find("status").dataset.state = state;
  setText(find("status-text"), text);
}
