import { fetchCsv } from "./api.ts";
import { find } from "./dom.ts";
import { queryOf, type View } from "./view.ts";

/** The files on offer by the button that fetches each. */
const FILES = {
  "csv-series": { path: "series", query: queryOf },
  "csv-breakdown": {
    path: "breakdown",
    query: (view: View, now: number) => new URLSearchParams([...queryOf(view, now), ["by", view.by]]),
  },
} as const;

/**
 * Makes the download buttons work. Fetched, not linked: a link cannot say who asks. `onTrouble` hears what went wrong, in words.
 */
export const createDownloads = (view: () => View, onTrouble: (message: string) => void): void => {
  for (const [id, { path, query }] of Object.entries(FILES)) {
    find(id).addEventListener("click", () => {
      const shown = view();
      fetchCsv(path, query(shown, Date.now())).then(
        (file) => save(file, `shoal-${path}${path === "breakdown" ? `-by-${shown.by}` : ""}.csv`),
        (error: unknown) =>
          onTrouble(`The file could not be loaded: ${error instanceof Error ? error.message : error}`),
      );
    });
  }
};

const save = (file: Blob, name: string): void => {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
};
