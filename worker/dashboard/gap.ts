import { REASONS, type ReasonText } from "../protocol/reasons.ts";
import type { Gap, Summary } from "../protocol/summary.ts";
import { bytesOf, percentOf, textOf } from "../protocol/units.ts";
import { find, make, setText } from "./dom.ts";

type Cause = keyof Gap["spent"];

/** The reasons for bytes of the CDN, and what TURN carried. Always in the same order: rows that trade places cannot be read. */
const CAUSES: Readonly<Record<Cause, Pick<ReasonText, "name" | "words">>> = {
  ...REASONS,
  relay: { name: "TURN", words: "relayed, as no direct path was found" },
};

type Row = {
  readonly item: HTMLElement;
  readonly amount: HTMLElement;
  readonly all: HTMLElement;
  readonly more: HTMLElement;
};

/** Builds the panel: what was paid for by cause, the part beyond the least possible apart. Returns what fills it. */
export const createGap = (): ((summary: Summary) => void) => {
  const rows = (Object.keys(CAUSES) as Cause[]).map((cause) => ({ cause, ...makeRow(cause) }));
  find("causes").replaceChildren(...rows.map(({ item }) => item));

  return ({ bytes, cdnReasons, offload, gap }) => {
    setText(find("gap-note"), gapWords(offload, gap));
    const mark = (id: string, fraction: number | null): void => {
      find(id).style.width = `${100 * Math.min(1, Math.max(0, fraction ?? 0))}%`;
    };
    mark("gap-reached", offload);
    mark("gap-bound", gap.bound);
    const paid = bytes.cdn + bytes.relay;
    for (const { cause, item, amount, all, more } of rows) {
      const total = cause === "relay" ? bytes.relay : cdnReasons[cause];
      const spent = gap.spent[cause];
      setText(amount, amountWords(total, spent));
      all.style.width = `${paid === 0 ? 0 : (100 * (total - spent)) / paid}%`;
      more.style.width = `${paid === 0 ? 0 : (100 * spent) / paid}%`;
      item.toggleAttribute("data-none", total === 0);
    }
  };
};

const gapWords = (offload: number | null, { bound, bytes, limit }: Gap): string => {
  if (offload === null || bound === null) return "Nothing was played in this range.";
  if (limit === null) return "Nobody watched together, so nothing could be shared.";
  const why = limit === "viewers" ? "with so many viewers" : "with what viewers may upload";
  const best = `At best ${textOf(percentOf(bound))} was possible ${why}; ${textOf(percentOf(offload))} was reached`;
  return bytes === 0 ? `${best}.` : `${best}. Between them lie ${textOf(bytesOf(bytes))}.`;
};

const amountWords = (total: number, spent: number): string => {
  if (total === 0) return "0";
  const all = textOf(bytesOf(total));
  if (spent === 0) return `${all}, needed`;
  return spent === total ? `${all}, avoidable` : `${all}, ${textOf(bytesOf(spent))} avoidable`;
};

const makeRow = (cause: Cause): Row => {
  const { name, words } = CAUSES[cause];
  const explained = make("span", words);
  explained.className = "reason-words";
  const amount = make("span");
  amount.className = "amount";
  const line = make("div", make("div", make("b", name), " ", explained), amount);
  line.className = "reason-line";
  const [all, more] = [make("i"), make("i")];
  const source = cause === "relay" ? "relay" : "cdn";
  all.className = `${source} needed`;
  more.className = source;
  const meter = make("div", all, more);
  meter.className = "meter";
  meter.setAttribute("aria-hidden", "true");
  return { item: make("li", line, meter), amount, all, more };
};
