import { stallWords, statusWords } from "../../../player/overlay/words.ts";
import { find, setText } from "../../../worker/dashboard/dom.ts";
import { countOf, durationOf, NONE, rateText } from "../../../worker/protocol/units.ts";
import type { View } from "../state.ts";

/** The line and the figures under the video. */
export function watchView(): View {
  return ({ stats, playback }) => {
    find("status").dataset.state = stats.tracker;
    setText(find("status-text"), statusWords(stats, stats.trackerDetail));
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
