import type Hls from "hls.js";
import { classOf } from "../hls/subscribe.ts";
import { webRtcSupported } from "../transport/index.ts";
import type { ShoalOptions, ShoalSession } from "./api.ts";
import { createIdleSession } from "./idle-session.ts";
import { createLiveSession } from "./live-session.ts";
import { checkOptions, type Settings } from "./options.ts";

/** `attachShoal`, as the page calls it. */
export type AttachShoal = (hls: Hls, options?: ShoalOptions) => ShoalSession;

/** Makes `attachShoal` with the tracker that is used unless the page names one. */
export function createAttach(defaultTracker: string): AttachShoal {
  return (hls, options = {}) => {
    // Of a page's own script, which may hand over anything.
    if (hls?.config === undefined || classOf(hls).Events === undefined) {
      throw new TypeError("The first argument of attachShoal must be an hls.js instance, made by `new Hls()`.");
    }
    const settings = checkOptions(options, defaultTracker, location.href);
    const why = whyNot(hls, settings);
    return why === undefined ? createLiveSession(hls, settings) : createIdleSession(why);
  };
}

/** Why hls.js is left alone, in words; `undefined` when it is not. */
function whyNot(hls: Hls, { upload }: Settings): string | undefined {
  if (upload === "off") return "peer delivery is switched off by this page";
  if (!webRtcSupported()) return "this device has no WebRTC";
  if (hls.config.fLoader) return "this page has a fragment loader (fLoader) of its own";
  return undefined;
}
