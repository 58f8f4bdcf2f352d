import { createEngine } from "../../player/engine/engine.ts";
import type { Effect, Totals } from "../../player/engine/types.ts";
import type { PeerId } from "../../tracker/protocol/index.ts";
import { type Audit, type Book, createAudit } from "./audit.ts";
import { createLoop, type Work } from "./engine-loop.ts";
import { createFetches } from "./fetches.ts";
import { keyOf, rendition, type Stream } from "./media.ts";
import type { Mesh, Node } from "./mesh.ts";
import type { Origin } from "./origin.ts";
import { createPlayback, type PlaybackCounts } from "./playback.ts";
import type { Listing } from "./playlist.ts";
import { type Line, PROFILES } from "./profiles.ts";
import type { Timeline } from "./queue.ts";
import { exponential, randomStream } from "./random.ts";
import { boasts, type Conduct, misspoken } from "./rogue.ts";
import type { Scenario } from "./scenario.ts";
import type { Client, Tracker } from "./tracker.ts";
import { createDevice } from "./wire.ts";

/** What all viewers of a run share. */
export type World = {
  readonly time: Timeline;
  readonly scenario: Scenario;
  readonly stream: Stream;
  readonly origin: Origin;
  readonly tracker: Tracker;
  readonly mesh: Mesh;
  readonly book: Book;
  readonly work: Work;
};

export type Viewer = {
  readonly number: number;
  readonly line: Line;
  readonly conduct: Conduct;
  readonly bornAt: number;
  readonly counts: PlaybackCounts;
  readonly totals: () => Totals;
  readonly audit: Audit;
  /** Now, or when it left. */
  readonly neighbours: () => number;
  /** It goes; nothing happens to it any more. */
  readonly leave: (how: "closed" | "vanished") => void;
};

/** A name that differs from seed to seed: elections rank names. */
function nameOf(seed: number, number: number): PeerId {
  const random = randomStream(seed, `name/${number}`);
  const drawn = Array.from({ length: 14 }, () => Math.floor(random() * 36).toString(36));
  return `0000${drawn.join("")}${String(number).padStart(4, "0")}` as PeerId;
}

/** A viewer who opens the page now: the model of hls.js, a real engine, and modelled ports around it. */
export function createViewer(world: World, number: number, conduct: Conduct): Viewer {
  const { time, scenario, stream, origin, tracker, mesh, work, book } = world;
  const { seed, limits } = scenario;
  const profile = PROFILES[scenario.profile];
  const line = profile.draw(randomStream(seed, `line/${number}`), scenario.bitsPerSecond);
  const self = nameOf(seed, number);
  const bornAt = time.now();
  const device = createDevice(line);
  const engine = createEngine({ limits, now: bornAt });
  const audit = createAudit({ viewer: number, now: time.now, engine, stream, storeBytes: limits.storeBytes, book });
  const { feed, stop } = createLoop({ time, engine, audit, work, carryOut });
  const fetches = createFetches({ device, origin, stream, audit, feed });
  let here = true;
  let requests = 0;
  let open: number | undefined;
  let lastNeighbours = 0;

  const node: Node = {
    id: self,
    device,
    links: new Map(),
    coming: new Set(),
    isHere: () => here,
    onOpen: (peer) => feed({ t: "peer-open", peer, near: profile.near, path: "direct" }),
    onClosed: (peer) => feed({ t: "peer-closed", peer }),
    onFrame(peer, frame) {
      if (frame.t === "block") feed({ t: "frame", peer, frame, digest: stream.digestOf(frame.bytes) });
      else feed({ t: "frame", peer, frame });
    },
    onWritable: (peer) => feed({ t: "writable", peer }),
  };

  function carryOut(effect: Effect): void {
    switch (effect.t) {
      case "send": {
        const frame = misspoken(conduct, effect.frame, stream);
        if (frame !== undefined) mesh.send(node, effect.peer, frame);
        return;
      }
      case "drop":
        mesh.drop(node, effect.peer);
        feed({ t: "peer-closed", peer: effect.peer });
        return;
      case "cdn-get":
        fetches.get(effect);
        return;
      case "cdn-abort":
        fetches.abort(effect.fetch);
        return;
      case "deliver":
        open = undefined;
        playback.delivered();
        return;
      case "fail":
        open = undefined;
        playback.failed();
        return;
      case "progress":
        return;
      case "ask-digests":
        tracker.ask(client, effect.segments);
        return;
      case "publish-digests":
        tracker.publish(client, effect);
        return;
      case "more-neighbours":
        tracker.more(client, effect.have);
        return;
      default:
        effect satisfies never;
    }
  }

  let upload = line.upload;
  const tellMode = (): void => feed({ t: "mode", mode: upload, uploadBitsPerSecond: scenario.uploadBitsPerSecond });
  const flips = randomStream(seed, `flips/${number}`);
  const flipLater = (): void => {
    if (scenario.flipsPerMinute <= 0 || line.upload === "receive") return;
    time.after(exponential(flips, 60_000 / scenario.flipsPerMinute), () => {
      if (!here) return;
      upload = upload === "share" ? "receive" : "share";
      tellMode();
      flipLater();
    });
  };

  const meet = (size: number, neighbours: readonly PeerId[]): void => {
    feed({ t: "swarm", size });
    for (const peer of neighbours) mesh.call(node, peer);
  };
  const client: Client = {
    self,
    upload: line.upload,
    isHere: () => here,
    onWelcome(size, neighbours) {
      feed({ t: "tracker", state: "up" });
      feed({ t: "joined", self });
      tellMode();
      flipLater();
      meet(size, neighbours);
    },
    onNeighbours: meet,
    onSize: (size) => feed({ t: "swarm", size }),
    onDigests(verdicts) {
      for (const verdict of verdicts) feed({ t: "digests", ...verdict });
    },
    onDown: () => feed({ t: "tracker", state: "down" }),
  };

  const onPlaylist = (listing: Listing): void => {
    feed({ t: "playlist", rendition, live: scenario.mode === "live", ...listing, segmentMs: scenario.segmentMs });
    if (conduct !== "boaster") return;
    for (const [peer, frame] of boasts(listing, stream, node.links.keys())) mesh.send(node, peer, frame);
  };

  const playback = createPlayback(time, scenario, {
    random: randomStream(seed, `playback/${number}`),
    events: {
      playlist: onPlaylist,
      playhead: (msn, bufferedMs) => feed({ t: "playhead", rendition, msn, bufferedMs }),
      want(msn, deadline, start) {
        open = ++requests;
        feed({ t: "want", request: open, key: keyOf(msn), deadline, start });
      },
      abandon() {
        if (open !== undefined) feed({ t: "abandon", request: open });
        open = undefined;
      },
    },
  });

  mesh.add(node);
  if (scenario.p2p) tracker.join(client);
  else feed({ t: "mode", mode: "off", uploadBitsPerSecond: 0 });
  playback.start();

  return {
    number,
    line,
    conduct,
    bornAt,
    counts: playback.counts,
    totals: engine.totals,
    audit,
    neighbours: () => (here ? node.links.size : lastNeighbours),
    leave(how) {
      if (!here) return;
      stop();
      playback.stop();
      audit.finish(fetches.close());
      here = false;
      lastNeighbours = node.links.size;
      mesh.leave(node, how);
      if (scenario.p2p) tracker.leave(client, how);
    },
  };
}
