import { createEngine } from "../../player/engine/engine.ts";
import type { Effect, Totals } from "../../player/engine/types.ts";
import type { PeerId } from "../../tracker/protocol/index.ts";
import type { Caution } from "../../worker/protocol/index.ts";
import { sharedLine, startLevel, wander } from "./abr.ts";
import { type Audit, createAudit, type Scrutiny } from "./audit.ts";
import type { Book } from "./book.ts";
import { createLoop, type Work } from "./engine-loop.ts";
import { createFetches } from "./fetches.ts";
import type { Stream } from "./media.ts";
import { createMembership } from "./membership.ts";
import type { Mesh, Node } from "./mesh.ts";
import { drawNat } from "./nat.ts";
import type { Origin } from "./origin.ts";
import { createPlayback, type PlaybackCounts } from "./playback.ts";
import type { Listing } from "./playlist.ts";
import { type Line, PROFILES } from "./profiles.ts";
import type { Timeline } from "./queue.ts";
import { randomStream } from "./random.ts";
import { boasts, type Conduct, misspoken } from "./rogue.ts";
import { type Scenario, topBitrate } from "./scenario.ts";
import type { Tracker } from "./tracker.ts";
import { createDevice } from "./wire.ts";

/** What all viewers of a run share. */
export type World = {
  readonly time: Timeline;
  readonly scenario: Scenario;
  readonly stream: Stream;
  readonly origin: Origin;
  readonly trackerOf: (viewer: number) => Tracker;
  readonly mesh: Mesh;
  readonly book: Book;
  readonly work: Work;
  readonly scrutinyOf: (viewer: number) => Scrutiny;
};

export type Viewer = {
  readonly number: number;
  readonly line: Line;
  readonly conduct: Conduct;
  readonly bornAt: number;
  readonly counts: PlaybackCounts;
  readonly totals: () => Totals;
  /** Time spent in each step of caution, to the second, in milliseconds. */
  readonly cautious: Readonly<Record<Caution, number>>;
  readonly audit: Audit;
  /** Now, or when it left. */
  readonly neighbours: () => number;
  /** It goes; nothing happens to it any more. */
  readonly leave: (how: "closed" | "vanished") => void;
};

/** A name that differs from seed to seed and from one life to the next: elections rank names. */
function nameOf(seed: number, number: number, life: number): PeerId {
  const random = randomStream(seed, `name/${number}${life === 0 ? "" : `/${life}`}`);
  const drawn = Array.from({ length: 14 }, () => Math.floor(random() * 36).toString(36));
  return `0000${drawn.join("")}${number.toString(36).padStart(4, "0")}` as PeerId;
}

/** A viewer who opens the page now: the model of hls.js, a real engine, and modelled ports around it. */
export function createViewer(world: World, number: number, conduct: Conduct): Viewer {
  const { time, scenario, stream, origin, mesh, work, book } = world;
  const tracker = world.trackerOf(number);
  const { seed, limits } = scenario;
  const profile = PROFILES[scenario.profile];
  const drawn = profile.draw(randomStream(seed, `line/${number}`), topBitrate(scenario));
  const line = sharedLine(drawn, scenario, randomStream(seed, `shared/${number}`));
  const bornAt = time.now();
  const device = createDevice(line);
  const engine = createEngine({ limits, now: bornAt });
  const audit = createAudit({
    viewer: number,
    scrutiny: world.scrutinyOf(number),
    now: time.now,
    engine,
    stream,
    storeBytes: limits.storeBytes,
    book,
  });
  const { feed, stop } = createLoop({ time, engine, audit, work, carryOut });
  const fetches = createFetches({ device, origin, stream, audit, feed });
  const cautious = { none: 0, wary: 0, off: 0 };
  let seenAt = bornAt;
  let here = true;
  let requests = 0;
  let open: number | undefined;
  let lastNeighbours = 0;

  const node: Node = {
    name: nameOf(seed, number, 0),
    device,
    nat: drawNat(randomStream(seed, `nat/${number}`), scenario.nat === "profile" ? profile.nat : scenario.nat),
    links: new Map(),
    coming: new Set(),
    isHere: () => here,
    wantsCalls: () => membership.wantsCalls(),
    onOpen: (peer) => feed({ t: "peer-open", peer, near: profile.near, path: "direct" }),
    onClosed: (peer) => feed({ t: "peer-closed", peer }),
    onFrame(peer, frame) {
      if (frame.t === "block") feed({ t: "frame", peer, frame, digest: stream.digestOf(frame.bytes) });
      else feed({ t: "frame", peer, frame });
    },
    onWritable: (peer) => feed({ t: "writable", peer }),
    onSilent: (peer) => feed({ t: "peer-silent", peer, silent: true }),
  };

  const membership = createMembership({
    time,
    scenario,
    number,
    tracker,
    mesh,
    node,
    nameOf: (life) => nameOf(seed, number, life),
    upload: line.upload,
    feed,
  });
  const { client } = membership;

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
      case "disk-put":
      case "disk-read":
      case "disk-remove":
        throw new Error("no viewer of a simulation has a disk");
      case "more-neighbours":
        tracker.more(client, effect.have);
        return;
      default:
        effect satisfies never;
    }
  }

  const onPlaylist = (level: number, listing: Listing): void => {
    const live = scenario.mode === "live";
    feed({ t: "playlist", rendition: stream.rendition(level), live, ...listing, segmentMs: scenario.segmentMs });
    if (conduct !== "boaster") return;
    for (const [peer, frame] of boasts(level, listing, stream, node.links.keys())) mesh.send(node, peer, frame);
  };

  const playback = createPlayback(time, scenario, {
    random: randomStream(seed, `playback/${number}`),
    level: startLevel(line, scenario.bitrates),
    events: {
      playlist: onPlaylist,
      playhead(level, msn, bufferedMs, goalMs) {
        feed({ t: "playhead", rendition: stream.rendition(level), msn, bufferedMs, goalMs });
        cautious[engine.caution()] += time.now() - seenAt;
        seenAt = time.now();
      },
      want({ level, msn }, deadline, start) {
        open = ++requests;
        feed({ t: "want", request: open, key: stream.segment(level, msn).key, deadline, start });
      },
      abandon() {
        if (open !== undefined) feed({ t: "abandon", request: open });
        open = undefined;
      },
      started: membership.started,
    },
  });

  mesh.add(node);
  if (scenario.p2p) membership.connect();
  else feed({ t: "mode", mode: "off", uploadBitsPerSecond: 0 });
  playback.start();
  wander(time, scenario, {
    random: randomStream(seed, `wander/${number}`),
    line,
    level: playback.level,
    isHere: () => here,
    go: playback.switchTo,
  });

  return {
    number,
    line,
    conduct,
    bornAt,
    counts: playback.counts,
    totals: engine.totals,
    cautious,
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
