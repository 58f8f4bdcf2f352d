import type { ShoalOptions } from "./api.ts";

/** What of a `<video data-shoal>` is read. */
export type VideoElement = { readonly dataset: Readonly<Record<string, string | undefined>> };

/** What a video's attributes ask for. */
export type VideoWish = { readonly url: string; readonly options: ShoalOptions };

/** The attribute `data-shoal` and its companions; `page` resolves relative URLs. Undefined when there is no URL to play. */
export function wishOf({ dataset }: VideoElement, page: string): VideoWish | undefined {
  const { shoal, shoalStream, shoalToken, shoalTracker, shoalUpload } = dataset;
  if (!shoal || !URL.canParse(shoal, page)) return undefined;
  return {
    url: new URL(shoal, page).href,
    options: {
      ...(shoalTracker === undefined ? {} : { tracker: shoalTracker }),
      ...(shoalStream === undefined ? {} : { stream: shoalStream }),
      ...(shoalToken === undefined ? {} : { token: shoalToken }),
      // Checked with all other options, so that a wrong word is named.
      ...(shoalUpload === undefined ? {} : { upload: shoalUpload as NonNullable<ShoalOptions["upload"]> }),
    },
  };
}
