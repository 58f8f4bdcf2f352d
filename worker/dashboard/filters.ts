import type { Report } from "./api.ts";
import { find, findAs, make } from "./dom.ts";
import { RANGES, readView, type View, viewSearch } from "./view.ts";

/** The two filters, kept in the page's address. */
export type Filters = {
  readonly view: () => View;
  /** Offers the streams that the server knows, and the one that is chosen in any case. */
  readonly offer: (streams: Report["streams"]) => void;
};

/** Builds the filters from the address; `onChange` is called when the reader chose something else. */
export const createFilters = (onChange: () => void): Filters => {
  const form = findAs("filters", HTMLFormElement);
  const select = findAs("stream", HTMLSelectElement);
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

  find("ranges").replaceChildren(
    ...RANGES.map((range) => {
      const input = make("input");
      Object.assign(input, { type: "radio", name: "range", value: range.id, checked: range === view.range });
      return make("label", input, make("span", range.label));
    }),
  );
  offer([]);

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    const chosen = new FormData(form);
    view = {
      stream: select.value,
      range: RANGES.find(({ id }) => id === chosen.get("range")) ?? view.range,
    };
    history.replaceState(null, "", location.pathname + viewSearch(view));
    onChange();
  });
  return { view: () => view, offer };
};
