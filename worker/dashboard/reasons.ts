import type { CdnReason } from "../protocol/sample.ts";
import type { Summary } from "../protocol/summary.ts";
import { find, make, setText } from "./dom.ts";
import { bytesOf, percentOf, textOf } from "./format.ts";

/** In the order of a viewer's visit, and always the same: rows that trade places cannot be read. */
const REASONS = {
  start: { name: "Start", words: "first picture" },
  duty: { name: "Duty", words: "bought once for everyone" },
  noPeer: { name: "No peer", words: "no neighbour had it" },
  tooLate: { name: "Too late", words: "peers were too slow" },
  failedCheck: { name: "Failed check", words: "a peer's copy failed its check" },
  policy: { name: "Policy", words: "operator's or viewer's setting" },
  p2pOff: { name: "P2P off", words: "peer delivery switched off" },
} satisfies Record<CdnReason, { name: string; words: string }>;

type Row = { readonly item: HTMLElement; readonly amount: HTMLElement; readonly bar: HTMLElement };

const makeRow = ({ name, words }: { name: string; words: string }): Row => {
  const label = make("b", name);
  const explained = make("span", words);
  explained.className = "reason-words";
  const amount = make("span");
  amount.className = "amount";
  const line = make("div", make("div", label, " ", explained), amount);
  line.className = "reason-line";
  const bar = make("i");
  bar.className = "cdn";
  const meter = make("div", bar);
  meter.className = "meter";
  meter.setAttribute("aria-hidden", "true");
  return { item: make("li", line, meter), amount, bar };
};

/** Builds the panel and returns what fills it. */
export const createReasons = (): ((summary: Summary) => void) => {
  const keys = Object.keys(REASONS) as CdnReason[];
  const rows = keys.map((reason) => ({ reason, ...makeRow(REASONS[reason]) }));
  find("reasons").replaceChildren(...rows.map(({ item }) => item));

  return ({ bytes, cdnReasons }) => {
    const note =
      bytes.cdn === 0
        ? "The CDN delivered nothing in this range."
        : `${textOf(bytesOf(bytes.cdn))} came from the CDN. Each byte has one reason.`;
    setText(find("reasons-note"), note);
    for (const { reason, item, amount, bar } of rows) {
      const share = bytes.cdn === 0 ? 0 : cdnReasons[reason] / bytes.cdn;
      const amountText = textOf(bytesOf(cdnReasons[reason]));
      setText(amount, share === 0 ? "0" : `${amountText} · ${textOf(percentOf(share))}`);
      bar.style.width = `${share * 100}%`;
      item.toggleAttribute("data-none", share === 0);
    }
  };
};
