import { Counter, Gauge, type Registry } from "prom-client";
import type { Failure, Request } from "./messages.ts";

export type WebtorrentMetrics = {
  readonly request: (kind: Request["kind"]) => void;
  readonly relayed: (what: "offer" | "answer") => void;
  readonly refused: (reason: Failure | "origin-not-allowed" | "draining") => void;
};

/** Registers `shoal_tracker_webtorrent_…`; the gauges are asked for at each scrape. */
export function createWebtorrentMetrics(
  registry: Registry,
  now: { readonly sockets: () => number; readonly swarms: () => number },
): WebtorrentMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `shoal_tracker_webtorrent_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  const counter = <Label extends string>(name: string, help: string, label: Label): Counter<Label> =>
    new Counter({ name: `shoal_tracker_webtorrent_${name}`, help, labelNames: [label], registers });

  gauge("sockets", "Open sockets of WebTorrent clients.", now.sockets);
  gauge("swarms", "Swarms of WebTorrent clients.", now.swarms);
  const requests = counter("requests_total", "Requests of WebTorrent clients, by kind.", "kind");
  const relays = counter("relays_total", "Offers and answers passed on between WebTorrent clients.", "what");
  const refusals = counter("refusals_total", "Things refused to WebTorrent clients, by reason.", "reason");
  return {
    request: (kind) => requests.inc({ kind }),
    relayed: (what) => relays.inc({ what }),
    refused: (reason) => refusals.inc({ reason }),
  };
}
