import { find, findAs, setText } from "../../../worker/dashboard/dom.ts";
import type { Trouble } from "../trouble.ts";

/** Covers the video with what went wrong; undefined takes it away. `again` runs when the viewer wants another try. */
export function troubleView(again: () => void): (trouble: Trouble | undefined) => void {
  findAs("again", HTMLButtonElement).addEventListener("click", again);
  return (trouble) => {
    find("trouble").hidden = trouble === undefined;
    setText(find("trouble-title"), trouble?.title ?? "");
    setText(find("trouble-text"), trouble?.text ?? "");
  };
}
