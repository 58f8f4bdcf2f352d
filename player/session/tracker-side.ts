import type { Join, Neighbour, PeerId, Policy, Reach, TrackerMessage, Upload } from "../../tracker/protocol/index.ts";
import { LIMITS } from "../../tracker/protocol/index.ts";
import type { Effect, EngineEvent, LinkPath } from "../engine/types.ts";
import { guarded } from "./guarded.ts";
import type { Mesh, TrackerLink, TrackerLinkEvents } from "./ports.ts";
import { reachOf } from "./reach.ts";

/** What this viewer would do, whatever the operator says: the page's wish and the device's state together. */
export type Willing = { readonly upload: Upload; readonly uploadBitsPerSecond: number };

export type TrackerSideParts = {
  readonly makeLink: (events: TrackerLinkEvents) => TrackerLink;
  readonly mesh: Pick<Mesh, "setIceServers" | "call" | "expect" | "signal">;
  readonly join: () => Omit<Join, keyof Standing | "resume" | "have">;
  /** How the links to neighbours connected now run. */
  readonly links: () => readonly LinkPath[];
  readonly willing: Willing;
  readonly feed: (event: EngineEvent) => void;
  readonly onState: TrackerLinkEvents["onState"];
  readonly onPolicy: (policy: Policy) => void;
  readonly onReported: (seqs: readonly number[]) => void;
  /** The tracker refused something; it says what in words. */
  readonly onComplaint: (message: string) => void;
  /** Something of ours failed. */
  readonly onFault: (error: unknown) => void;
};

/** What others get from this viewer, as the tracker is told. */
type Standing = Pick<Join, "upload" | "reach">;

export type TrackerSide = {
  readonly link: TrackerLink;
  readonly swarmSize: () => number;
  /** The viewer's own id in the swarm; undefined before the tracker gave one. */
  readonly self: () => PeerId | undefined;
  /** What the tracker knows this viewer by when it comes back, or reports without a socket. */
  readonly resume: () => string | undefined;
  /** What this viewer may send, in bits per second; 0 when it gives nothing, or before the operator's policy is known. */
  readonly uplink: () => number;
  /** The device's state changed: engine and tracker hear of it at once. */
  readonly setUpload: (upload: Upload) => void;
  /** Links to neighbours have come or gone. */
  readonly linksChanged: () => void;
  readonly ask: (effect: Extract<Effect, { t: "ask-digests" }>) => void;
  readonly publish: (effect: Extract<Effect, { t: "publish-digests" }>) => void;
  readonly more: (effect: Extract<Effect, { t: "more-neighbours" }>) => void;
};

/** The tracker as the engine and the mesh see it. */
export function createTrackerSide(parts: TrackerSideParts): TrackerSide {
  const { feed, mesh, onFault } = parts;
  let willing = parts.willing;
  let policy: Policy | undefined;
  let size = 0;
  let self: PeerId | undefined;
  let uplink = 0;
  let resume: string | undefined;
  let reach: Reach = "direct";
  let told: Standing | undefined;

  const tellMode = (): void => {
    if (policy === undefined) return;
    const uploadBitsPerSecond = Math.min(policy.uploadBitsPerSecond, willing.uploadBitsPerSecond);
    const mode = modeOf(policy.mode, willing.upload);
    uplink = mode === "share" ? uploadBitsPerSecond : 0;
    feed({ t: "mode", mode, uploadBitsPerSecond });
  };

  const standing = (): Standing => ({ upload: willing.upload, ...(reach === "relayed" ? { reach } : {}) });

  /** The tracker hears when it is not as the last `join` said, or what was said since. */
  const tellStanding = (): void => {
    const now = standing();
    if (self === undefined || (now.upload === told?.upload && now.reach === told.reach)) return;
    if (link.send({ t: "standing", ...now })) told = now;
  };

  const setPolicy = (next: Policy): void => {
    policy = next;
    tellMode();
    parts.onPolicy(next);
  };

  const setSize = (viewers: number): void => {
    size = viewers;
    feed({ t: "swarm", size: viewers });
  };

  const call = (neighbours: readonly Neighbour[]): void => {
    if (policy?.mode === "off") return;
    for (const neighbour of neighbours) mesh.call(neighbour);
  };

  const onMessage = (message: TrackerMessage): void => {
    switch (message.t) {
      case "welcome":
        resume = message.resume;
        self = message.id;
        // The size first: who has joined a swarm of one waits for nobody.
        setSize(message.size);
        feed({ t: "joined", self });
        setPolicy(message.policy);
        mesh.setIceServers(message.iceServers);
        tellStanding();
        call(message.neighbours);
        return;
      case "neighbours":
        setSize(message.size);
        call(message.neighbours);
        return;
      case "introduced":
        if (policy?.mode !== "off") mesh.expect(message.neighbour);
        return;
      case "swarm":
        setSize(message.size);
        return;
      case "policy":
        setPolicy(message.policy);
        return;
      case "ice":
        mesh.setIceServers(message.iceServers);
        return;
      case "digests":
        feed({ t: "tracker", state: message.alone ? "alone" : "up" });
        for (const about of message.segments) feed({ t: "digests", ...about });
        return;
      case "reported":
        parts.onReported(message.seqs);
        return;
      case "error":
        parts.onComplaint(`${message.code}: ${message.message}`);
        return;
    }
  };

  const link = parts.makeLink({
    join: () => {
      told = standing();
      return { ...parts.join(), ...told, resume, have: cappedHave(parts.links().length) };
    },
    onMessage: guarded(onFault, onMessage),
    onSignal: guarded(onFault, mesh.signal),
    onState: guarded(onFault, (state: "up" | "down" | "refused", detail: string) => {
      feed({ t: "tracker", state: state === "up" ? "up" : "down" });
      parts.onState(state, detail);
    }),
  });

  return {
    link,
    swarmSize: () => size,
    self: () => self,
    resume: () => resume,
    uplink: () => uplink,
    setUpload: (upload) => {
      willing = { ...willing, upload };
      tellMode();
      tellStanding();
    },
    linksChanged: guarded(onFault, () => {
      reach = reachOf(parts.links()) ?? reach;
      tellStanding();
    }),
    ask: ({ segments }) => {
      for (let i = 0; i < segments.length; i += LIMITS.askedSegments) {
        link.send({ t: "ask", segments: segments.slice(i, i + LIMITS.askedSegments) });
      }
    },
    publish: ({ segment, bytes, from, digests }) => {
      link.send({ t: "publish", segment, bytes, from, digests: [...digests] });
    },
    more: ({ reason, have }) => {
      link.send({ t: "more", reason, have: cappedHave(have) });
    },
  };
}

const cappedHave = (neighbours: number): number => Math.min(neighbours, LIMITS.neighbours * 4);

/** The lesser of what the operator allows and the viewer is willing to do. */
export function modeOf(policy: Policy["mode"], upload: Upload): Policy["mode"] {
  if (policy === "off") return "off";
  return policy === "receive" || upload === "receive" ? "receive" : "share";
}
