import { EventEmitter } from "node:events";
import Hls, { type Fragment, type HlsConfig, LoadStats } from "hls.js";

/** What of an AbrController the tests look at. */
export type Abr = {
  readonly bwEstimator: {
    readonly getEstimate: () => number;
    readonly getEstimateTTFB: () => number;
    readonly canEstimate: () => boolean;
    readonly sample: (durationMs: number, bytes: number) => void;
  };
  readonly destroy: () => void;
};

/** An hls.js instance as its AbrController and Shoal see it: real configuration and events, no media engine. */
export type FakeHls = Hls & { readonly abr: Abr; nextLoadLevel: number; nextAutoLevel: number; warnings: string[] };

/** The statics that Shoal reads from the instance's class. */
const STATICS = { Events: Hls.Events, DefaultConfig: Hls.DefaultConfig };

/** Makes one, with the real AbrController of the installed hls.js on it. `media` and `levels` may be replaced by the test. */
export function fakeHls(over: Record<string, unknown> = {}): FakeHls {
  const emitter = new EventEmitter();
  const warnings: string[] = [];
  const silent = (): undefined => undefined;
  const logger = {
    log: silent,
    info: silent,
    debug: silent,
    error: silent,
    trace: silent,
    warn: (text: string) => warnings.push(text),
  };
  const config: HlsConfig = { ...Hls.DefaultConfig };
  const hls = Object.assign(Object.create({ constructor: STATICS }), {
    config,
    logger,
    warnings,
    levels: [],
    audioTracks: [],
    media: null,
    url: null,
    loadLevel: 0,
    minAutoLevel: 0,
    maxAutoLevel: 0,
    autoLevelEnabled: true,
    mainForwardBufferInfo: null,
    latestLevelDetails: null,
    allAudioTracks: [],
    firstLevel: 0,
    on: (event: string, listener: (...args: unknown[]) => void, context: unknown) => {
      const bound = (data: unknown) => listener.call(context, event, data);
      bounds.set(listener, { ...bounds.get(listener), [event]: bound });
      emitter.on(event, bound);
    },
    off: (event: string, listener: (...args: unknown[]) => void) => {
      const bound = bounds.get(listener)?.[event];
      if (bound) emitter.off(event, bound);
    },
    trigger: (event: string, data: unknown) => emitter.emit(event, data),
    listenerCount: (event: string) => emitter.listenerCount(event),
    ...over,
  });
  /** By listener and event, since one may listen to several. */
  const bounds = new Map<unknown, Record<string, (data: unknown) => void>>();
  const Controller = config.abrController as unknown as new (hls: unknown) => Abr;
  const abr = new Controller(hls);
  Object.assign(hls, { abr });
  Object.defineProperty(hls, "bandwidthEstimate", { get: () => abr.bwEstimator.getEstimate() });
  Object.defineProperty(hls, "ttfbEstimate", { get: () => abr.bwEstimator.getEstimateTTFB() });
  return hls as FakeHls;
}

/** A main fragment of four seconds. */
export function fragment(over: Record<string, unknown> = {}): Fragment {
  return {
    type: "main",
    sn: 7,
    level: 1,
    start: 28,
    duration: 4,
    end: 32,
    bitrate: 1_300_000,
    baseurl: "https://cdn.example/high/index.m3u8",
    bitrateTest: false,
    stats: new LoadStats(),
    abortRequests: () => undefined,
    ...over,
  } as unknown as Fragment;
}

/** Does what the rest of hls.js does with a loaded fragment: loaded, parsed in `parseMs`, buffered. */
export function finish(hls: FakeHls, frag: Fragment, parseMs: number): void {
  const { Events } = Hls;
  const about = { frag, part: null, stats: frag.stats, id: "main" };
  const test = frag.bitrateTest;
  hls.trigger(Events.FRAG_LOADED, about as never);
  if (test) return;
  frag.stats.parsing.end = frag.stats.loading.end + parseMs;
  hls.trigger(Events.FRAG_PARSED, about as never);
  hls.trigger(Events.FRAG_BUFFERED, about as never);
}
