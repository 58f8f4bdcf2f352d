import type Hls from "hls.js";
import type { Upload } from "../../tracker/protocol/index.ts";
import { createFetchCdn, createLoaderCdn } from "../cdn/index.ts";
import { attachToHls, type HlsSide } from "../hls/attach.ts";
import { addTotals } from "../session/accounts.ts";
import type { Cdn } from "../session/ports.ts";
import type { SessionListener } from "../session/session.ts";
import { type PeerInfo, SESSION_ENDED, type ShoalEvents, type TrackerState, type Watched } from "./api.ts";
import { browserClock } from "./clock.ts";
import { type DeviceView, engineLimits, watchDevice, willingness } from "./device.ts";
import { createEmitter } from "./emitter.ts";
import { streamIdOf } from "./ids.ts";
import type { Settings } from "./options.ts";
import { onLeaving } from "./page-life.ts";
import { type Loaded, type Stream, startStream } from "./stream.ts";
import { type Figures, NO_FIGURES, peerInfo, segmentEvent, statsOf } from "./views.ts";

/**
 * Attaches Shoal to an hls.js instance; each stream that it loads gets a swarm and a report of its own. No link is made before
 * `webRtcReady`, where there is such a thing to wait for.
 */
export function createLiveSession(hls: Hls, settings: Settings, parts: Loaded): Watched {
  // Not in TypeScript's DOM: these parts of `navigator` exist in some browsers only.
  const device = navigator as DeviceView;
  const limits = engineLimits(settings.limits, device);
  const { emit, on } = createEmitter<ShoalEvents>();
  /** What the streams before the present one counted. */
  let past: Figures = NO_FIGURES;
  let stream: Stream | undefined;
  let state: TrackerState = "connecting";
  let trackerDetail = "";
  let upload = lesser(settings.upload, willingness(device));

  const setState = (next: TrackerState, detail: string): void => {
    state = next;
    trackerDetail = detail;
    emit("tracker", { state, detail });
  };

  const figures = (): Figures => {
    if (stream === undefined) return { ...past, tracker: state };
    const { core } = stream;
    const { stallMs, stalls, startupMs } = side.playback.quality();
    return {
      totals: addTotals(past.totals, core.totals()),
      peers: core.neighbours().length,
      swarmSize: core.swarmSize(),
      stalls: past.stalls + stalls,
      stallMs: past.stallMs + stallMs,
      startupMs,
      storedBytes: core.storedBytes(),
      caution: core.caution(),
      tracker: state,
    };
  };

  const peers = (): readonly PeerInfo[] => stream?.core.neighbours().map(peerInfo) ?? [];
  const tellPeers = atOnce(() => emit("peers", peers()));

  const listener: Pick<SessionListener, "onSegment" | "onPeers" | "onState"> = {
    onSegment: (report) => emit("segment", segmentEvent(report)),
    onPeers: tellPeers,
    onState: (next, detail) => {
      if (next === "off" && state !== "off") warn(detail);
      setState(next, detail);
      if (next === "off") tellPeers();
    },
  };

  const join = (manifestUrl: string): void => {
    const id = streamIdOf(settings.stream, manifestUrl);
    if (id === undefined) {
      setState("off", "the manifest has no http(s) URL; set the option `stream`");
      return;
    }
    state = "connecting";
    const { paused, quality } = playbackOf(() => side);
    try {
      const cdn = cdnFor(hls, () => side);
      stream = startStream({ settings, stream: id, limits, upload, cdn, quality, paused, listener, ...parts });
    } catch (error) {
      const detail = `peer delivery could not start: ${error instanceof Error ? error.message : String(error)}`;
      warn(detail);
      setState("off", detail);
    }
  };

  const leave = (open: "finish" | "drop"): void => {
    if (stream === undefined) return;
    stream.sampler.flush();
    stream.sampler.stop();
    stream.core.close(open);
    past = { ...figures(), peers: 0, swarmSize: 0, storedBytes: 0, caution: "none" };
    stream = undefined;
    tellPeers();
  };

  const stopListening = [
    onLeaving((how) => {
      stream?.sampler.flush();
      if (how === "left") stream?.core.hangUp();
    }),
    watchDevice(device, (willing) => {
      upload = lesser(settings.upload, willing);
      stream?.core.setUpload(upload);
    }),
  ];

  const end = (open: "finish" | "drop"): void => {
    leave(open);
    side.detach();
    for (const stop of stopListening.splice(0)) stop();
    if (state !== "off") setState("off", SESSION_ENDED);
  };

  const side: HlsSide = attachToHls(hls, {
    clock: browserClock,
    session: () => stream?.core,
    onStream: join,
    onStreamEnd: leave,
    onStarted: () => stream?.started(),
    onGone: () => end("drop"),
  });

  return {
    stats: () => ({ ...statsOf(figures()), trackerDetail }),
    peers,

    on,
    destroy: () => end("finish"),
  };
}

/** hls.js' own loader where the page changed how it fetches; else `fetch`, which brings blocks while they arrive. */
function cdnFor(hls: Hls, side: () => HlsSide): Cdn {
  const streaming = createFetchCdn({ clock: browserClock });
  return {
    get: (...asked) => {
      const { config } = hls;
      const cdn = side().fetchesItsOwnWay() ? createLoaderCdn({ loader: config.loader, config }) : streaming;
      return cdn.get(...asked);
    },
  };
}

/** Looked up when called: a stream may begin while hls.js is being attached to. */
const playbackOf = (side: () => HlsSide): HlsSide["playback"] => ({
  quality: () => side().playback.quality(),
  paused: () => side().playback.paused(),
});

/** Runs `act` once for all calls of the present turn, after it. */
function atOnce(act: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      act();
    });
  };
}

const lesser = (page: Settings["upload"], device: Upload): Upload =>
  page === "share" && device === "share" ? "share" : "receive";

const warn = (detail: string): void => console.warn(`Shoal: ${detail}`);
