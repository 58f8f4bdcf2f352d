import type { Report } from "./api.ts";
import { find, findAs, make } from "./dom.ts";
import { type Period, RANGES, readView, timesOf, type View, viewSearch } from "./view.ts";

/** The filters, kept in the page's address. */
export type Filters = {
  readonly view: () => View;
  /** Offers the streams that the server knows, and the one that is chosen in any case. */
  readonly offer: (streams: Report["streams"]) => void;
  /** Changes a part of the view from elsewhere on the page. */
  readonly change: (part: Partial<View>) => void;
};

/** In the place of a range's id: the dates count. */
const CUSTOM = "custom";

/** Builds the filters from the address; `onChange` is called when the reader chose something else. */
export const createFilters = (onChange: () => void): Filters => {
  const form = findAs("filters", HTMLFormElement);
  const select = findAs("stream", HTMLSelectElement);
  const [from, to] = [findAs("from", HTMLInputElement), findAs("to", HTMLInputElement)];
  let view = readView(location.search);
  let offered = "";

  const offer = (streams: Report["streams"]): void => {
    const names = new Set(streams.map(({ stream }) => stream));
    if (view.stream !== "") names.add(view.stream);
    // By name, not by size: a list that reorders itself is hard to use.
    const sorted = [...names].sort((a, b) => a.localeCompare(b));
    if (offered === sorted.join("\n")) return;
    offered = sorted.join("\n");
    select.replaceChildren(new Option("All streams", ""), ...sorted.map((name) => new Option(name, name)));
    select.value = view.stream;
  };

  const showDates = (): void => {
    find("dates").hidden = view.period.kind !== "fixed";
    if (view.period.kind !== "fixed") return;
    from.value = localOf(view.period.from);
    to.value = localOf(view.period.to);
  };

  const change = (part: Partial<View>): void => {
    view = { ...view, ...part };
    history.replaceState(null, "", location.pathname + viewSearch(view));
    showDates();
    onChange();
  };

  /** The period that the form shows; undefined while its dates make no range. */
  const chosenPeriod = (target: EventTarget | null): Period | undefined => {
    const id = new FormData(form).get("range");
    const range = RANGES.find((one) => one.id === id);
    if (range !== undefined) return { kind: "last", range };
    // The dates begin with what was shown before.
    if (target !== from && target !== to) return { kind: "fixed", ...timesOf(view.period, Date.now()) };
    const [begin, end] = [Date.parse(from.value), Date.parse(to.value)];
    to.setCustomValidity(begin < end ? "" : "The end must be after the beginning.");
    return form.reportValidity() && begin < end ? { kind: "fixed", from: begin, to: end } : undefined;
  };

  find("ranges").replaceChildren(
    ...[...RANGES, { id: CUSTOM, label: "Dates" }].map(({ id, label }) => {
      const input = make("input");
      const chosen = view.period.kind === "last" ? view.period.range.id : CUSTOM;
      Object.assign(input, { type: "radio", name: "range", value: id, checked: id === chosen });
      return make("label", input, make("span", label));
    }),
  );
  offer([]);
  showDates();

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    const period = chosenPeriod(target);
    if (period !== undefined) change({ stream: select.value, period });
  });
  return { view: () => view, offer, change };
};

/** A time as `datetime-local` has it: without a zone, in the reader's own. */
const localOf = (at: number): string =>
  new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
