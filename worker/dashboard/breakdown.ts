import {
  BREAKDOWN_DIMENSIONS,
  type Breakdown,
  type BreakdownDimension,
  type BreakdownRow,
} from "../protocol/summary.ts";
import { bytesOf, countOf, durationOf, percentOf, textOf } from "../protocol/units.ts";
import { find, findAs, make, setText } from "./dom.ts";
import { stallRate, stallRateText } from "./figures.ts";
import { lazy } from "./turns.ts";

const NAMES = {
  stream: "Stream",
  site: "Site",
  country: "Country",
  network: "Network",
  device: "Device",
  browser: "Browser",
  player: "Player version",
  rendition: "Rendition",
  group: "Group",
} as const satisfies Record<BreakdownDimension, string>;

/** Rows shown; the file has them all. */
const ROWS = 50;

const countries = lazy(() => new Intl.DisplayNames(undefined, { type: "region", fallback: "code" }));

/** Builds the table and its choice of dimension; `onChoose` is called with another one. Returns what fills it. */
export const createBreakdown = (
  chosen: BreakdownDimension,
  onChoose: (by: BreakdownDimension) => void,
): ((breakdown: Breakdown) => void) => {
  const select = findAs("by", HTMLSelectElement);
  select.replaceChildren(...BREAKDOWN_DIMENSIONS.map((by) => new Option(`By ${NAMES[by].toLowerCase()}`, by)));
  select.value = chosen;
  select.addEventListener("change", () => {
    const by = BREAKDOWN_DIMENSIONS.find((dimension) => dimension === select.value);
    if (by !== undefined) onChoose(by);
  });

  return ({ by, rows }) => {
    setText(find("by-name"), NAMES[by]);
    find("breakdown-rows").replaceChildren(...rows.slice(0, ROWS).map((row) => rowOf(by, row)));
    const more = rows.length - ROWS;
    setText(
      find("breakdown-note"),
      rows.length === 0 ? "Nothing was played in this range." : more > 0 ? `and ${countOf(more)} more in the file` : "",
    );
  };
};

const rowOf = (by: BreakdownDimension, row: BreakdownRow): HTMLElement => {
  const { bytes, quality } = row;
  const head = make("th", nameOf(by, row.value));
  head.scope = "row";
  head.title = row.value;
  const share = make("div", ...(["peer", "relay", "cdn"] as const).map((source) => part(source, bytes)));
  share.className = "share";
  share.setAttribute("aria-hidden", "true");
  const texts = [
    textOf(percentOf(row.offload)),
    textOf(bytesOf(bytes.played)),
    textOf(bytesOf(bytes.cdn)),
    countOf(row.sessions),
    stallRateText(stallRate(quality)),
    durationOf(quality.startupMs),
  ];
  return make("tr", head, make("td", share), ...texts.map((text) => make("td", text)));
};

const part = (source: "peer" | "relay" | "cdn", bytes: BreakdownRow["bytes"]): HTMLElement => {
  const total = bytes.peer + bytes.relay + bytes.cdn;
  const bar = make("i");
  bar.className = source;
  bar.style.flexBasis = total === 0 ? "0%" : `${(100 * bytes[source]) / total}%`;
  return bar;
};

/** A value as people call it. */
const nameOf = (by: BreakdownDimension, value: string): string => {
  if (by === "country")
    return value === "ZZ" ? "Unknown" : /^[A-Z]{2}$/.test(value) ? (countries().of(value) ?? value) : value;
  if (by === "network" && /^\d+$/.test(value)) return `AS${value}`;
  if (by === "group") return value === "p2p" ? "With peers" : "Without (holdout)";
  return value;
};
