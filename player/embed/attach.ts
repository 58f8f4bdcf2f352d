import type Hls from "hls.js";
import { classOf } from "../hls/subscribe.ts";
import { prepareWebRtc, webRtcSupported } from "../transport/index.ts";
import type { ShoalOptions, ShoalSession } from "./api.ts";
import { createIdleSession } from "./idle-session.ts";
import { createLiveSession } from "./live-session.ts";
import { checkOptions, type Settings } from "./options.ts";
import { type LoadOverlay, withOverlay } from "./overlay.ts";
import type { Loaded } from "./stream.ts";

/** How to load what is not in the script itself. */
export type Loaders = {
  /** webrtc-adapter, for a browser that needs it. */
  readonly adapter: () => Promise<unknown>;
  /** The disk tier, for a page that wants it. */
  readonly disk: Loaded["loadDisk"];
  /** SHA-256 for pages without WebCrypto. */
  readonly sha256: Loaded["loadSha256"];
  readonly overlay: LoadOverlay;
};

/** `attachShoal`, as the page calls it. */
export type AttachShoal = (hls: Hls, options?: ShoalOptions) => ShoalSession;

/**
 * Makes `attachShoal` with the tracker that is used unless the page names one. ES module and classic
 * script each have their own way to load what few viewers need.
 */
export function createAttach(defaultTracker: string, load: Loaders): AttachShoal {
  return (hls, options = {}) => {
    // Of a page's own script, which may hand over anything.
    if (hls?.config === undefined || classOf(hls).Events === undefined) {
      throw new TypeError("The first argument of attachShoal must be an hls.js instance, made by `new Hls()`.");
    }
    const settings = checkOptions(options, defaultTracker, location.href);
    const why = whyNot(hls, settings);
    const session =
      why !== undefined
        ? createIdleSession(why)
        : createLiveSession(hls, settings, {
            webRtcReady: prepareWebRtc(load.adapter, console.warn),
            loadDisk: load.disk,
            loadSha256: load.sha256,
          });
    return withOverlay(session, load.overlay);
  };
}

/** Why hls.js is left alone, in words; `undefined` when it is not. */
function whyNot(hls: Hls, { upload }: Settings): string | undefined {
  if (upload === "off") return "peer delivery is switched off by this page";
  if (!webRtcSupported()) return "this device has no WebRTC";
  if (hls.config.fLoader) return "this page has a fragment loader (fLoader) of its own";
  return undefined;
}
