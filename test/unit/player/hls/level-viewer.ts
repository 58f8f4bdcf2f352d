import Hls, { type Level, LoadStats } from "hls.js";
import { vi } from "vitest";
import { preferHeldLevels } from "../../../../player/hls/level-preference.ts";
import { subscriber } from "../../../../player/hls/subscribe.ts";
import { fakeHls, finish, fragment } from "./fake-hls.ts";

/** The highest level lies between 0.7 and 0.95 of this: hls.js would stay there, and does not climb there by itself. */
const ESTIMATE = 1_250_000;
export const BITRATES = [200_000, 500_000, 1_000_000] as const;
export const LOW = 0;
export const MIDDLE = 1;
export const HIGH = 2;

export const FIRST = 100;
export const LAST = 160;
export const details = (over = {}) => ({
  live: false,
  startSN: FIRST,
  endSN: LAST,
  targetduration: 4,
  averagetargetduration: 4,
  ...over,
});

export const levelOf = (bitrate: number, over = {}) => ({
  bitrate,
  maxBitrate: bitrate,
  averageBitrate: bitrate,
  codecSet: "avc1",
  videoRange: "SDR",
  frameRate: 25,
  loadError: 0,
  fragmentError: 0,
  details: details(),
  ...over,
});

export type Setting = {
  readonly estimate?: number;
  readonly hls?: object;
  /** Laid over the highest level. */
  readonly high?: object;
  readonly bufferedSeconds?: number;
  /** How many neighbours offer a segment of the highest level. */
  readonly holders?: (msn: number) => number;
};

/** A viewer on the middle level, with the real AbrController, a minute into the film. */
export function watching(setting: Setting = {}) {
  const { estimate = ESTIMATE, high = {}, bufferedSeconds = 20 } = setting;
  let { holders = (_: number) => 2 } = setting;
  const hls = fakeHls({
    levels: BITRATES.map((bitrate, i) => levelOf(bitrate, i === HIGH ? high : {})),
    maxAutoLevel: HIGH,
    media: Object.assign(new EventTarget(), { paused: false, playbackRate: 1, readyState: 4 }),
    mainForwardBufferInfo: { len: bufferedSeconds },
    latestLevelDetails: details(),
    ...setting.hls,
  });
  Object.defineProperty(hls, "firstAutoLevel", { get: () => (hls.abr as unknown as Hls).firstAutoLevel });
  Object.defineProperty(hls, "nextAutoLevel", {
    get: () => (hls.abr as unknown as Hls).nextAutoLevel,
    set: (level: number) => {
      (hls.abr as unknown as Hls).nextAutoLevel = level;
    },
  });
  const asked: [Level, number][] = [];
  let sn = 113;
  /** Loads the next fragment as hls.js does: at this level, or at the one it chooses. Gives the level. */
  const load = (level = hls.nextAutoLevel, bitsPerSecond = estimate): number => {
    sn++;
    const frag = fragment({ sn, level, start: sn * 4, end: sn * 4 + 4 });
    const bytes = ((BITRATES[level] ?? 0) * 4) / 8;
    const now = performance.now();
    const end = now + 40 + (bytes * 8000) / bitsPerSecond;
    const loading = { start: now, first: now + 40, end };
    frag.stats = Object.assign(new LoadStats(), { loaded: bytes, total: bytes, loading, bwEstimate: bitsPerSecond });
    // hls.js' level controller tells the AbrController what was chosen.
    if (hls.autoLevelEnabled) hls.nextAutoLevel = level;
    Object.assign(hls, { loadLevel: level });
    hls.trigger(Hls.Events.FRAG_LOADING, { frag } as never);
    vi.advanceTimersByTime(1);
    finish(hls, frag, 0);
    return level;
  };

  load(MIDDLE);
  const onSeeking = preferHeldLevels({
    hls,
    events: subscriber(hls),
    lasts: () => bufferedSeconds * 1000,
    holders: (level, msn) => {
      asked.push([level, msn]);
      return level.bitrate === BITRATES[HIGH] ? holders(msn) : 0;
    },
  });
  for (let i = 0; i < 20; i++) hls.abr.bwEstimator.sample(4000, (estimate * 4) / 8);
  return {
    hls,
    asked,
    load,
    onSeeking,
    neighboursLeave: () => {
      holders = () => 0;
    },
    at: (msn: number) => {
      sn = msn - 1;
    },
  };
}
