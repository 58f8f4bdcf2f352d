import type { EngineEvent } from "../../player/engine/types.ts";
import { JOIN_AFTER_MS } from "../../player/session/session.ts";
import { modeOf } from "../../player/session/tracker-side.ts";
import { createBackoff } from "../../player/transport/backoff.ts";
import type { PeerId, Policy, Upload } from "../../tracker/protocol/index.ts";
import type { Mesh, Node } from "./mesh.ts";
import type { Timeline } from "./queue.ts";
import { exponential, randomStream } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import type { Client, Tracker } from "./tracker.ts";

/** A viewer's place at the tracker, as the session keeps it: joined again when lost, and what it may do told to the engine. */
export type Membership = {
  readonly client: Client;
  /** Opens the connection to the tracker. */
  readonly connect: () => void;
  /** The first picture is there. */
  readonly started: () => void;
  /** False while the operator wants no peers. */
  readonly wantsCalls: () => boolean;
};

export function createMembership(of: {
  readonly time: Timeline;
  readonly scenario: Scenario;
  readonly number: number;
  readonly tracker: Tracker;
  readonly mesh: Mesh;
  readonly node: Node;
  readonly nameOf: (life: number) => PeerId;
  readonly upload: Upload;
  readonly feed: (event: EngineEvent) => void;
}): Membership {
  const { time, scenario, number, tracker, mesh, node, feed } = of;
  const backoff = createBackoff(randomStream(scenario.seed, `backoff/${number}`));
  const flips = randomStream(scenario.seed, `flips/${number}`);
  let { upload } = of;
  let policy: Policy["mode"] | undefined;
  let lives = 0;
  let told: "up" | "down" | undefined;
  /** Does nothing before the viewer connects, and after it has joined. */
  let joinOnce = (): void => undefined;

  const tellMode = (): void => {
    if (policy === undefined) return;
    feed({ t: "mode", mode: modeOf(policy, upload), uploadBitsPerSecond: scenario.uploadBitsPerSecond });
  };

  const setPolicy = (mode: Policy["mode"]): void => {
    policy = mode;
    tellMode();
  };

  /** A device stops sharing and begins again. */
  const flipLater = (): void => {
    if (scenario.flipsPerMinute <= 0 || of.upload === "receive") return;
    time.after(exponential(flips, 60_000 / scenario.flipsPerMinute), () => {
      if (!node.isHere()) return;
      upload = upload === "share" ? "receive" : "share";
      tellMode();
      flipLater();
    });
  };

  const call = (neighbours: readonly PeerId[]): void => {
    if (policy !== "off") for (const peer of neighbours) mesh.call(node, peer);
  };

  const client: Client = {
    lot: randomStream(scenario.seed, `trackers/${number}`)(),
    newName: () => of.nameOf(lives),
    upload: () => upload,
    isHere: node.isHere,
    onWelcome({ self, size, mode, neighbours }) {
      if (lives++ === 0) flipLater();
      else mesh.rename(node, self);
      told = "up";
      feed({ t: "tracker", state: "up" });
      feed({ t: "swarm", size });
      feed({ t: "joined", self });
      setPolicy(mode);
      call(neighbours);
    },
    onNeighbours(size, neighbours) {
      feed({ t: "swarm", size });
      call(neighbours);
    },
    onSize: (size) => feed({ t: "swarm", size }),
    onPolicy: setPolicy,
    onDigests(verdicts) {
      for (const verdict of verdicts) feed({ t: "digests", ...verdict });
    },
    onDown() {
      if (told !== "down") feed({ t: "tracker", state: "down" });
      told = "down";
      time.after(backoff.next(), () => {
        if (node.isHere()) tracker.join(client, time.now());
      });
    },
  };

  const connect = (): void => {
    const openedAt = time.now();
    joinOnce = () => {
      joinOnce = () => undefined;
      if (node.isHere()) tracker.join(client, openedAt);
    };
    time.after(JOIN_AFTER_MS, () => joinOnce());
  };

  return { client, connect, started: () => joinOnce(), wantsCalls: () => policy !== "off" };
}
