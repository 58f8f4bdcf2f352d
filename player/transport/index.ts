export { needsAdapter, prepareWebRtc, webRtcSupported } from "./adapter.ts";
export { createMesh, type MeshCounters, type MeshOptions } from "./mesh.ts";
export { signalUrl } from "./signal-url.ts";
export { createTrackerLink, type Socket, type TrackerLinkOptions } from "./tracker-link.ts";
