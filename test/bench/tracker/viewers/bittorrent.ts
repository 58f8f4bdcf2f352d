import { createHash, randomBytes } from "node:crypto";
import type { Wire } from "../wire.ts";
import { ANSWER, latch, NEIGHBOURS, SDP, type Viewer } from "./viewer.ts";

const LEFT = 1_000_000;
/** Ids of offers that are not answered begin with it, and no others: they are 20 random bytes. */
const UNANSWERED = "unanswered";
const binary = (bytes: Buffer): string => bytes.subarray(0, 20).toString("latin1");

/** A client of the WebTorrent tracker protocol, as bittorrent-tracker's own: offers go out with the announcement. */
export function bittorrentViewer(wire: Wire, stream: string): Viewer {
  const ids = { info_hash: binary(createHash("sha1").update(stream).digest()), peer_id: binary(randomBytes(20)) };
  const joined = latch();
  const matched = latch();
  let [size, met, answers] = [0, 0, 0];
  const send = (fields: object): void => wire.send(JSON.stringify({ action: "announce", ...ids, ...fields }));
  const started = { uploaded: 0, downloaded: 0, left: LEFT, event: "started" };
  const announceOffers = (mark: string): void => {
    const offers = Array.from({ length: NEIGHBOURS }, () => ({
      offer: SDP,
      offer_id: mark + binary(randomBytes(20)).slice(mark.length),
    }));
    send({ ...started, numwant: NEIGHBOURS, offers });
  };

  wire.onText = (text) => {
    const message = JSON.parse(text.toString()) as Record<string, unknown>;
    if (message["failure reason"] !== undefined) throw new Error(`the tracker refused something: ${text}`);
    if (message.offer !== undefined) {
      met += 1;
      if (String(message.offer_id).startsWith(UNANSWERED)) return;
      send({ to_peer_id: message.peer_id, offer_id: message.offer_id, answer: ANSWER });
    } else if (message.answer !== undefined) {
      if (++answers === NEIGHBOURS) matched.open();
    } else {
      size = Number(message.complete) + Number(message.incomplete);
      joined.open();
    }
  };
  return {
    wire,
    met: () => met,
    swarmSize: () => size,
    join() {
      send(started);
      return joined.done;
    },
    introduce() {
      announceOffers(UNANSWERED);
      return joined.done;
    },
    match() {
      announceOffers("");
      return matched.done;
    },
    relay: () => Promise.reject(new Error("this protocol has no signals outside announcements")),
  };
}
