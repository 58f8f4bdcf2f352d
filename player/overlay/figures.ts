import { rateText } from "../../worker/protocol/units.ts";
import type { Watched } from "../embed/api.ts";
import { element, type Part, write } from "./dom.ts";
import { createRate } from "./rate.ts";
import { bytesText, stallWords } from "./words.ts";

const RATE_MS = 8_000;

const SOURCES = [
  { source: "peer", name: "Viewers", count: "peerBytes" },
  { source: "relay", name: "TURN", count: "relayBytes" },
  { source: "cdn", name: "CDN", count: "cdnBytes" },
  { source: "up", name: "You gave", count: "uploadBytes" },
] as const;

/** Offload, stalls, and bytes by source with what comes now. */
export function figuresPart(session: Watched): Part {
  const offload = element("strong", "offload");
  const source = element("span", "");
  const stalls = element("span", "");
  const rows = SOURCES.map(({ source, name, count }) => {
    const bytes = element("td", "");
    const rate = element("td", "quiet");
    const head = element("th", "", element("i", `swatch ${source}`), name);
    head.scope = "row";
    const share = element("i", source);
    return {
      source,
      count,
      bytes,
      rate,
      share,
      row: element("tr", "", head, bytes, rate),
      rateOf: createRate(RATE_MS),
    };
  });
  const bar = element("div", "bar", ...rows.filter(({ source }) => source !== "up").map(({ share }) => share));
  bar.setAttribute("aria-hidden", "true");
  const table = element("table", "sources", element("tbody", "", ...rows.map(({ row }) => row)));
  table.setAttribute("aria-label", "Bytes by source");

  const update = (): void => {
    const stats = session.stats();
    const now = performance.now();
    write(offload, stats.offload === null ? "" : `${Math.round(stats.offload * 100)}\u00a0%`.replace("-", "−"));
    write(source, stats.offload === null ? "Nothing was played yet" : "came from other viewers");
    write(stalls, `Stalls: ${stallWords(stats)}`);
    const received = stats.cdnBytes + stats.peerBytes + stats.relayBytes;
    for (const { source, count, bytes, rate, share, row, rateOf } of rows) {
      write(bytes, bytesText(stats[count]));
      write(rate, rateText(rateOf(stats[count], now)));
      share.style.width = `${received === 0 ? 0 : (100 * stats[count]) / received}%`;
      row.hidden = source === "relay" && stats.relayBytes === 0;
    }
  };
  const head = element("p", "head", offload, source, stalls);
  return { root: element("div", "figures", head, bar, table), update };
}
