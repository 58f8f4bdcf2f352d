import type { Policy, StreamId, Upload } from "../../tracker/protocol/index.ts";
import { SIGNALLING_VERSION } from "../../tracker/protocol/index.ts";
import { createEngine } from "../engine/engine.ts";
import type { EngineLimits } from "../engine/types.ts";
import type { Playback } from "../hls/playback.ts";
import { createHasher } from "../integrity/index.ts";
import { createEncoder, decodeFrame } from "../protocol/index.ts";
import type { Cdn } from "../session/ports.ts";
import { createSession, type SessionCore, type SessionListener } from "../session/session.ts";
import { createSampleMaker, createSampler, type Sampler } from "../stats/index.ts";
import { createMesh, createTrackerLink } from "../transport/index.ts";
import { browserClock } from "./clock.ts";
import { newSessionId, viewerId } from "./ids.ts";
import type { Settings } from "./options.ts";
import { VERSION } from "./version.ts";

/** What is not in the script itself. */
export type Loaded = {
  /** Kept when links may be made; undefined: at once. */
  readonly webRtcReady: Promise<unknown> | undefined;
  readonly loadDisk: () => Promise<Pick<typeof import("../storage/index.ts"), "openDiskTier">>;
  readonly loadSha256: Parameters<typeof createHasher>[0];
};

export type StreamParts = Loaded & {
  readonly settings: Settings;
  readonly stream: StreamId;
  readonly limits: EngineLimits;
  readonly upload: Upload;
  readonly cdn: Cdn;
  readonly quality: Playback["quality"];
  readonly paused: () => boolean;
  readonly listener: Pick<SessionListener, "onSegment" | "onPeers" | "onState">;
};

/** One stream on one page, from its manifest to the next one. */
export type Stream = {
  readonly core: SessionCore;
  readonly sampler: Omit<Sampler, "sampleNow">;
  /** The first frame is on the screen. */
  readonly started: () => void;
};

/** Joins a stream's swarm and starts to report: the one place where all of Shoal's real parts meet. */
export function startStream(parts: StreamParts): Stream {
  const { settings, stream, limits, listener } = parts;
  const clock = browserClock;
  const session = newSessionId();
  /** Unknown until the tracker has answered. */
  let group: Policy["group"] | undefined;
  let started = false;

  const core: SessionCore = createSession({
    engine: createEngine({ limits, now: clock.now() }),
    makeMesh: (events) => createMesh({ rtcConfig: settings.rtcConfig, maxLinks: limits.neighbours, clock, events }),
    makeTrackerLink: (events) =>
      createTrackerLink({ url: settings.signalUrl, clock, random: Math.random, events, after: parts.webRtcReady }),
    cdn: parts.cdn,
    openDisk: async () => {
      const { diskBytes = 0 } = settings.limits;
      if (diskBytes <= 0) return undefined;
      const { openDiskTier } = await parts.loadDisk();
      return openDiskTier({ capBytes: diskBytes });
    },
    hash: createHasher(parts.loadSha256),
    encode: createEncoder(),
    decode: decodeFrame,
    clock,
    join: () => ({
      t: "join",
      v: SIGNALLING_VERSION,
      stream,
      session,
      viewer: viewerId(),
      player: VERSION,
      ...(settings.token === undefined ? {} : { token: settings.token }),
    }),
    willing: {
      upload: parts.upload,
      uploadBitsPerSecond: settings.limits.uploadBitsPerSecond ?? Number.POSITIVE_INFINITY,
    },
    listener: {
      ...listener,
      onState: (state, detail) => {
        if (state === "up") sampler.onUp();
        listener.onState(state, detail);
      },
      onPolicy: (policy) => {
        // What was done until now belongs to the group until now.
        if (group !== undefined && group !== policy.group) sampler.sampleNow();
        const first = group === undefined;
        group = policy.group;
        sampler.setInterval(policy.sampleMs);
        if (first && started) sampler.sampleNow();
      },
      onReported: (seqs) => sampler.onReported(seqs),
    },
  });

  const sampler = createSampler({
    clock,
    wallClock: Date.now,
    maker: createSampleMaker({ session, stream, player: VERSION }),
    read: () => ({
      totals: core.totals(),
      shares: core.shares(),
      overhead: core.overhead(),
      watched: parts.quality(),
      group: group ?? "p2p",
      self: core.self(),
      uplink: core.uplink(),
      caution: core.caution(),
      peers: core.neighbours().length,
      swarm: core.swarmSize(),
    }),
    paused: parts.paused,
    send: core.report,
    beacon: (samples) => {
      const report = { stream, session, viewer: viewerId(), resume: core.resume(), samples };
      return (
        navigator.sendBeacon?.(settings.reportUrl, new Blob([JSON.stringify(report)], { type: "text/plain" })) ?? false
      );
    },
    cutOff: () => core.state() === "off",
  });

  return {
    core,
    sampler,
    started: () => {
      started = true;
      core.started();
      // Else told when the group is known, lest a start without peers counts as one with them.
      if (group !== undefined) sampler.sampleNow();
    },
  };
}
