import { ErrorDetails, ErrorTypes } from "hls.js";

/** What keeps the video from playing, for the viewer. */
export type Trouble = { readonly title: string; readonly text: string };

const PLAYLIST_DETAILS: ReadonlySet<string> = new Set([
  ErrorDetails.MANIFEST_LOAD_ERROR,
  ErrorDetails.MANIFEST_LOAD_TIMEOUT,
  ErrorDetails.LEVEL_LOAD_ERROR,
  ErrorDetails.LEVEL_LOAD_TIMEOUT,
  ErrorDetails.LEVEL_EMPTY_ERROR,
]);

/** What is read of hls.js' error event. */
type Failure = {
  readonly type: string;
  readonly details: string;
  readonly response?: { readonly code?: number } | undefined;
};

/** Words for a fatal error of hls.js while it played `url`. */
export function troubleOf({ type, details, response }: Failure, url: string): Trouble {
  const answer = response?.code
    ? `it answered ${response.code}`
    : "it did not answer, or does not let this page read it";
  const host = new URL(url).host;
  if (PLAYLIST_DETAILS.has(details)) {
    return { title: "The playlist cannot be loaded", text: `Asked ${host} for it, and ${answer}.` };
  }
  if (details === ErrorDetails.MANIFEST_PARSING_ERROR || details === ErrorDetails.LEVEL_PARSING_ERROR) {
    return { title: "This is no playlist", text: `What ${host} answered is not HLS. Is the address right?` };
  }
  if (details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
    return { title: "This browser cannot play the stream", text: "It has no decoder for the stream's codecs." };
  }
  return type === ErrorTypes.NETWORK_ERROR
    ? { title: "The video cannot be loaded", text: `Asked ${host} for a segment, and ${answer}.` }
    : { title: "The video cannot be played", text: `The player gave up (${details}).` };
}
