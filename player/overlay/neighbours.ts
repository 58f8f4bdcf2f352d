import { rateText } from "../../worker/protocol/units.ts";
import type { PeerInfo, Watched } from "../embed/api.ts";
import { element, type Part, section, write } from "./dom.ts";
import { nameOf } from "./names.ts";
import { createRate } from "./rate.ts";
import { aloneWords, nearWords } from "./words.ts";

const RATE_MS = 8_000;
/** Neighbours listed one by one; the rest is counted. */
const ROWS = 6;

/** Who is connected, how near and by which path, and what goes each way now. */
export function neighboursPart(session: Watched): Part {
  const rows = new Map<string, Row>();
  const body = element("tbody", "");
  const head = element("tr", "", ...["Neighbour", "Gives", "Takes"].map(headCell));
  const table = element("table", "", element("thead", "", head), body);
  const note = element("p", "quiet");

  const update = (): void => {
    const peers = session.peers();
    const shown = peers.slice(0, ROWS);
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      row.root.remove();
      rows.delete(id);
    }
    for (const peer of shown) {
      const row = rows.get(peer.id) ?? makeRow(peer);
      if (!rows.has(peer.id)) body.append(row.root);
      rows.set(peer.id, row);
      row.update(peer);
    }
    table.hidden = peers.length === 0;
    const more = peers.length - shown.length;
    write(note, peers.length === 0 ? aloneWords(session.stats()) : more > 0 ? `and ${more} more` : "");
  };
  return { root: section("Neighbours", table, note), update };
}

type Row = { readonly root: HTMLElement; readonly update: (peer: PeerInfo) => void };

function makeRow({ id }: PeerInfo): Row {
  const near = element("span", "quiet");
  const head = element("th", "", element("b", "", nameOf(id)), near);
  head.scope = "row";
  const gives = element("td", "");
  const takes = element("td", "");
  const [givesRate, takesRate] = [createRate(RATE_MS), createRate(RATE_MS)];
  return {
    root: element("tr", "", head, gives, takes),
    update: (peer) => {
      const now = performance.now();
      write(near, nearWords(peer));
      write(gives, rateText(givesRate(peer.receivedBytes, now)));
      write(takes, rateText(takesRate(peer.sentBytes, now)));
    },
  };
}

function headCell(name: string): HTMLElement {
  const cell = element("th", "", name);
  cell.scope = "col";
  return cell;
}
