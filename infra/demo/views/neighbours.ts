import type { PeerInfo } from "../../../player/embed/api.ts";
import { nameOf } from "../../../player/overlay/names.ts";
import { aloneWords, bytesText, nearWords } from "../../../player/overlay/words.ts";
import { find, findAs, make, setText } from "../../../worker/dashboard/dom.ts";
import type { View } from "../state.ts";

/** Neighbours listed one by one; the rest is counted. */
const ROWS = 6;

/** Who is connected, how near they are, and what went each way. */
export function neighboursView(): View {
  const rows = new Map<string, Row>();
  const body = find("neighbour-rows");
  findAs("second", HTMLButtonElement).addEventListener("click", () => {
    window.open(location.href, "_blank", "popup,width=520,height=820");
  });

  return ({ stats, peers }) => {
    const none = peers.length === 0;
    find("alone").hidden = !none;
    find("neighbours").hidden = none;
    setText(find("alone-text"), aloneWords(stats));
    find("second").hidden = stats.tracker === "off";

    const shown = [...peers].sort((a, b) => b.receivedBytes - a.receivedBytes).slice(0, ROWS);
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    for (const [index, peer] of shown.entries()) {
      const row = rows.get(peer.id) ?? makeRow(peer);
      rows.set(peer.id, row);
      row.update(peer);
      // Moving a row that is in its place already would restart what a screen reader says.
      if (body.children[index] !== row.element) body.insertBefore(row.element, body.children[index] ?? null);
    }
    const more = peers.length - shown.length;
    setText(find("neighbours-more"), more > 0 ? `and ${more} more` : "");
  };
}

type Row = { readonly element: HTMLElement; readonly update: (peer: PeerInfo) => void };

function makeRow({ id }: PeerInfo): Row {
  const near = make("span");
  near.className = "note";
  const head = make("th", make("b", nameOf(id)), near);
  head.scope = "row";
  head.title = `Peer ${id}`;
  const gave = make("td");
  const got = make("td");
  return {
    element: make("tr", head, gave, got),
    update: (peer) => {
      setText(near, nearWords(peer));
      setText(gave, bytesText(peer.receivedBytes));
      setText(got, bytesText(peer.sentBytes));
    },
  };
}
