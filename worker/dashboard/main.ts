import type { Answer, Report } from "./api.ts";
import { createCharts } from "./charts.ts";
import { find, setText } from "./dom.ts";
import { headlineOf, showFigures } from "./figures.ts";
import { createFilters } from "./filters.ts";
import { bucketOf } from "./format.ts";
import { clockOf } from "./points.ts";
import { POLL_MS, startPolling } from "./poll.ts";
import { createReasons } from "./reasons.ts";
import { createTable } from "./table.ts";

const showCharts = createCharts();
const showReasons = createReasons();
const showTable = createTable();
let lastReportAt: number | null = null;
let announceNext = false;

const filters = createFilters(() => {
  announceNext = true;
  polling.refresh();
});
const polling = startPolling(filters.view, onAnswer);

function onAnswer(answer: Answer): void {
  if (answer.kind === "report") {
    lastReportAt = Date.now();
    showReport(answer.report);
    showTrouble(null);
    return;
  }
  const since = lastReportAt === null ? "" : ` These figures are from ${clockOf(lastReportAt)}.`;
  showTrouble(
    answer.kind === "refused"
      ? `The server refused this report: ${answer.message}`
      : `The server cannot be reached.${since} Trying again every ${POLL_MS / 1000} seconds.`,
  );
}

const showReport = (report: Report): void => {
  filters.offer(report.streams);
  showFigures(report);
  showReasons(report.summary);
  showTable(report.series);
  showCharts(report.series);
  setText(
    find("bytes-note"),
    `Delivered to viewers per ${bucketOf(report.series.bucketMs)}; the last bar is still filling`,
  );

  const { bytes } = report.summary;
  const empty = bytes.played + bytes.cdn + bytes.peer + bytes.relay === 0;
  find("empty").hidden = !empty;
  find("main").dataset.state = empty ? "empty" : "full";
  // Only what the reader asked for is read out, not every refresh.
  if (announceNext) setText(find("announce"), headlineOf(report));
  announceNext = false;
};

const showTrouble = (message: string | null): void => {
  const trouble = find("trouble");
  if (message !== null) setText(find("trouble-text"), message);
  trouble.hidden = message === null;
  find("status").dataset.state = message === null ? "live" : "trouble";
  setText(
    find("status-text"),
    message === null ? `Live · every ${POLL_MS / 1000} s` : lastReportAt === null ? "No answer yet" : "Not up to date",
  );
};
