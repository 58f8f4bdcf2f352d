import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { installRivals } from "../rivals.ts";
import { type Address, type Server, startServer } from "./server.ts";
import { bittorrentViewer } from "./viewers/bittorrent.ts";
import { peerjsViewer } from "./viewers/peerjs.ts";
import { type ShoalViewer, shoalViewer } from "./viewers/shoal.ts";
import type { Viewer } from "./viewers/viewer.ts";
import { openWire } from "./wire.ts";

export const NAMES = ["shoal", "bare", "bittorrent-tracker", "peerjs"] as const;
export type Name = (typeof NAMES)[number];

/** A signalling server, and viewers that speak its language. */
export type Contender = {
  readonly start: () => Promise<Server>;
  /** Opens one viewer's socket, from an address of its own. It has not joined yet. */
  readonly open: (server: Address, stream: string) => Promise<Viewer>;
};

/** Where viewers of a large event are: three or so to an address, a dozen to a /24. */
let opened = 0;
const nextAddress = (): string => {
  const seat = opened++;
  const network = Math.floor(seat / 12) % 60_000;
  return `127.${1 + Math.floor(network / 250)}.${network % 250}.${1 + (Math.floor(seat / 3) % 4)}`;
};

/** The first `seats` belong to viewers that another process opens. */
export function skipSeats(seats: number): void {
  opened += seats;
}

/** One of Shoal's trackers, with settings beyond those that make it comparable. */
export const startShoal = (env: Readonly<Record<string, string>> = {}): Promise<Server> =>
  startServer({
    script: "infra/start/tracker.ts",
    args: () => [],
    flags: trackerFlags(),
    env: { HOST: "127.0.0.1", NEIGHBOURS: "5", MESSAGES_PER_SECOND: "10000", LOG_LEVEL: "warn", ...env },
  });

/** The flags for Node in `npm run tracker`. */
function trackerFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    scripts: { tracker: string };
  };
  return scripts.tracker.split(" ").filter((word) => /^--(min|max)-/.test(word));
}

/** A viewer of Shoal. */
export const openShoal = async ({ port }: Address, stream: string, onGone?: () => void): Promise<ShoalViewer> =>
  shoalViewer(await openWire(port, "/v1/signal", nextAddress()), stream, onGone);

export const CONTENDERS: Readonly<Record<Name, Contender>> = {
  shoal: {
    start: () => startShoal(),
    open: (server, stream) => openShoal(server, stream),
  },
  /** No rival: a yardstick, as little as a server in Node can do. */
  bare: {
    start: () => startServer({ script: "test/bench/tracker/servers/bare.ts", args: (port) => [String(port)] }),
    open: (server, stream) => openShoal(server, stream),
  },
  "bittorrent-tracker": {
    start: () =>
      startServer({
        script: "test/bench/tracker/servers/bittorrent.ts",
        args: (port) => [installRivals(), String(port)],
      }),
    open: async ({ port }, stream) => bittorrentViewer(await openWire(port, "/", nextAddress()), stream),
  },
  peerjs: {
    start: () =>
      startServer({
        script: "test/bench/tracker/servers/peerjs.ts",
        args: (port) => [installRivals(), String(port)],
        // Whoever installs it gets no `bufferutil` with it, as with bittorrent-tracker; here `ws` would find Shoal's.
        env: { WS_NO_BUFFER_UTIL: "1" },
      }),
    async open({ port }) {
      const id = randomBytes(8).toString("hex");
      return peerjsViewer(await openWire(port, `/peerjs?key=peerjs&id=${id}&token=t`, nextAddress()), id);
    },
  },
};
