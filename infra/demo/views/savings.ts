import { bytesText } from "../../../player/overlay/words.ts";
import { find, make, setQuantity, setText } from "../../../worker/dashboard/dom.ts";
import { CDN_REASONS } from "../../../worker/protocol/index.ts";
import { REASONS } from "../../../worker/protocol/reasons.ts";
import { NONE, type Quantity, rateText } from "../../../worker/protocol/units.ts";
import { type Rates, ratesOf } from "../history.ts";
import type { PageState, View } from "../state.ts";

const SOURCES = [
  { name: "peer", count: "peerBytes" },
  { name: "relay", count: "relayBytes" },
  { name: "cdn", count: "cdnBytes" },
  { name: "upload", count: "uploadBytes" },
] as const satisfies readonly { name: string; count: keyof Rates }[];

/** Reasons shown; there is room for so many rows from the start, so that nothing below moves. */
const REASONS_SHOWN = 3;

/** Offload, bytes by source and the reasons for those of the CDN. */
export function savingsView(): View {
  const ring = document.querySelector<SVGElement>("#ring-value");
  const rows = SOURCES.map(({ name, count }) => ({
    count,
    bytes: find(`${name}-bytes`),
    rate: find(`${name}-rate`),
    share: name === "upload" ? undefined : find(`share-${name}`),
  }));

  return (state) => {
    const { stats, history } = state;
    const offload = stats.offload === null ? 0 : Math.min(1, Math.max(0, stats.offload));
    if (ring) ring.style.strokeDasharray = `${100 * offload} 100`;
    setQuantity(find("offload"), offloadText(stats.offload));
    setText(find("offload-note"), offloadNote(stats.offload));

    const rates = ratesOf(history);
    const received = stats.cdnBytes + stats.peerBytes + stats.relayBytes;
    for (const { count, bytes, rate, share } of rows) {
      setText(bytes, bytesText(stats[count]));
      setText(rate, rateText(rates[count]));
      if (share) share.style.width = `${received === 0 ? 0 : (100 * stats[count]) / received}%`;
    }
    find("relay-row").hidden = stats.relayBytes === 0;
    showReasons(state);
  };
}

function offloadText(offload: number | null): Quantity {
  if (offload === null) return { value: NONE, unit: "" };
  const percent = Math.round(offload * 100);
  return { value: percent < 0 ? `−${-percent}` : String(percent), unit: "%" };
}

function offloadNote(offload: number | null): string {
  if (offload === null) return "nothing was played yet";
  return Math.round(offload * 100) < 0 ? "the CDN sent more than was played" : "came from other viewers";
}

function showReasons({ stats }: PageState): void {
  const rows = CDN_REASONS.map((reason) => ({ words: REASONS[reason].words, bytes: stats.cdnReasons[reason] }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, REASONS_SHOWN);
  const list = find("reasons");
  while (list.children.length > rows.length) list.lastElementChild?.remove();
  while (list.children.length < rows.length) list.append(make("li", make("span"), make("span")));
  for (const [index, { words, bytes }] of rows.entries()) {
    const [name, amount] = list.children[index]?.children ?? [];
    if (name) setText(name, words);
    if (amount) setText(amount, bytesText(bytes));
  }
}
