import { find, setText } from "../../../worker/dashboard/dom.ts";
import { countOf, durationOf, NONE } from "../../../worker/dashboard/format.ts";
import type { View } from "../state.ts";
import { rateText, stallWords, statusWords } from "../words.ts";

/** The line and the figures under the video. */
export function watchView(): View {
  return ({ stats, trackerDetail, playback }) => {
    find("status").dataset.state = stats.tracker;
    setText(find("status-text"), statusWords(stats, trackerDetail));
    setText(find("viewers"), stats.swarmSize === 0 ? NONE : countOf(stats.swarmSize));
    const { picture, delayMs, live } = playback;
    setText(find("picture"), picture === undefined ? NONE : pictureText(picture));
    setText(find("startup"), stats.startupMs === undefined ? NONE : `after ${durationOf(stats.startupMs)}`);
    setText(find("stalls"), stallWords(stats));
    setText(find("delay-title"), live ? "Behind live" : "Buffered ahead");
    setText(find("delay"), delayMs === undefined ? NONE : `${Math.round(delayMs / 1000)} s`);
  };
}

function pictureText({ height, bitrate }: { readonly height: number; readonly bitrate: number }): string {
  const lines = height > 0 ? `${height}p` : "";
  return [lines, bitrate > 0 ? rateText(bitrate) : ""].filter(Boolean).join(" · ") || NONE;
}
