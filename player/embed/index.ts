/** The ES module `/shoal.mjs`: Shoal for a page that has its own hls.js. */
import { createAttach } from "./attach.ts";
import { trackerBase } from "./tracker-base.ts";

export type * from "./api.ts";

/**
 * Puts peer delivery into an hls.js instance (1.5 or later); call it before `loadSource`. On a device without WebRTC, or with
 * `upload: "off"`, hls.js is left as it is and `stats()` stays at zero with `tracker: "off"`. Throws a TypeError for a wrong option.
 */
export const attachShoal = createAttach(trackerBase(import.meta.url, location.origin), {
  adapter: () => import("../transport/webrtc-adapter.ts"),
  disk: () => import("../storage/index.ts"),
  sha256: () => import("../integrity/sha256.ts"),
  overlay: () => import("../overlay/index.ts"),
});
