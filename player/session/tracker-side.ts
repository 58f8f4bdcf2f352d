import type { Join, Neighbour, PeerId, Policy, TrackerMessage, Upload } from "../../tracker/protocol/index.ts";
import { LIMITS } from "../../tracker/protocol/index.ts";
import type { Effect, EngineEvent } from "../engine/types.ts";
import { guarded } from "./guarded.ts";
import type { Mesh, TrackerLink, TrackerLinkEvents } from "./ports.ts";

/** What this viewer would do, whatever the operator says: the page's wish and the device's state together. */
export type Willing = { readonly upload: Upload; readonly uploadBitsPerSecond: number };

export type TrackerSideParts = {
  readonly makeLink: (events: TrackerLinkEvents) => TrackerLink;
  readonly mesh: Pick<Mesh, "setIceServers" | "call" | "expect" | "signal">;
  readonly join: Omit<Join, "upload" | "resume" | "have">;
  /** Neighbours connected now. */
  readonly have: () => number;
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

export type TrackerSide = {
  readonly link: TrackerLink;
  readonly swarmSize: () => number;
  /** The viewer's own id in the swarm; undefined before the tracker gave one. */
  readonly self: () => PeerId | undefined;
  /** What this viewer may send, in bits per second; 0 when it gives nothing, or before the operator's policy is known. */
  readonly uplink: () => number;
  /** Neighbours named so far, and from now on, are called. Until then they wait: the first picture needs the processor more. */
  readonly startCalling: () => void;
  /** The device's state changed: the engine hears of it at once, the tracker at the next `join`. */
  readonly setUpload: (upload: Upload) => void;
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
  /** Whom to call once calling has started; undefined from then on. */
  let waiting: Neighbour[] | undefined = [];

  const tellMode = (): void => {
    if (policy === undefined) return;
    const uploadBitsPerSecond = Math.min(policy.uploadBitsPerSecond, willing.uploadBitsPerSecond);
    const mode = modeOf(policy.mode, willing.upload);
    uplink = mode === "share" ? uploadBitsPerSecond : 0;
    feed({ t: "mode", mode, uploadBitsPerSecond });
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
    if (waiting !== undefined) waiting.push(...neighbours);
    else for (const neighbour of neighbours) mesh.call(neighbour);
  };

  const startCalling = (): void => {
    const named = waiting;
    waiting = undefined;
    if (named !== undefined) call(named);
  };

  const onMessage = (message: TrackerMessage): void => {
    switch (message.t) {
      case "welcome":
        // Those named before a reconnect know this viewer by an id that is no longer its own.
        if (waiting !== undefined) waiting = [];
        resume = message.resume;
        self = message.id;
        feed({ t: "joined", self });
        setPolicy(message.policy);
        setSize(message.size);
        mesh.setIceServers(message.iceServers);
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
        for (const about of message.segments) feed({ t: "digests", ...about });
        return;
      case "reported":
        parts.onReported(message.seqs);
        return;
      case "error":
        parts.onComplaint(`${message.code}: ${message.message}`);
        return;
      default:
        message satisfies never;
    }
  };

  const link = parts.makeLink({
    join: () => ({ ...parts.join, upload: willing.upload, resume, have: cappedHave(parts.have()) }),
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
    uplink: () => uplink,
    startCalling,
    setUpload: (upload) => {
      willing = { ...willing, upload };
      tellMode();
    },
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
