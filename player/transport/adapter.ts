/** The globals that decide whether links can be made; `globalThis` fits. */
export type WebRtcScope = {
  readonly RTCPeerConnection?: { readonly prototype: object } | undefined;
  readonly RTCSessionDescription?: unknown;
  readonly RTCIceCandidate?: unknown;
};

/** True when this browser has all that simple-peer needs for a data channel. Some switch WebRTC off by policy or extension. */
export function webRtcSupported(scope: WebRtcScope = globalThis): boolean {
  const { RTCPeerConnection: connection, RTCSessionDescription: description, RTCIceCandidate: candidate } = scope;
  return (
    connection !== undefined &&
    description !== undefined &&
    candidate !== undefined &&
    "createDataChannel" in connection.prototype
  );
}

/**
 * True for a browser that makes data channels, but lacks a part of the API that webrtc-adapter supplies and a link profits from.
 * That is `connectionState`: Firefox before 113 does not tell when DTLS failed. All else that the adapter mends concerns
 * cameras and microphones, or browsers too old to run this player's syntax (ES2022), or is avoided by the mesh: it sends no empty
 * candidates and no message above 64 KiB + 512 bytes.
 */
export function needsAdapter(scope: WebRtcScope = globalThis): boolean {
  const prototype = scope.RTCPeerConnection?.prototype;
  return webRtcSupported(scope) && prototype !== undefined && !("connectionState" in prototype);
}

/**
 * Loads webrtc-adapter where the browser needs it; call it before the first link is made. `load` is given from outside, as
 * `() => import("webrtc-adapter")` in an ES module build, because a classic script has no chunks and would carry the adapter's 27 KB
 * (gzip) to everybody. A failed load is no obstacle: links work without.
 */
export async function prepareWebRtc(
  load: () => Promise<unknown>,
  scope: WebRtcScope = globalThis,
): Promise<{ readonly supported: boolean; readonly adapter: "not-needed" | "loaded" | "failed" }> {
  if (!webRtcSupported(scope)) return { supported: false, adapter: "not-needed" };
  if (!needsAdapter(scope)) return { supported: true, adapter: "not-needed" };
  try {
    await load();
    return { supported: true, adapter: "loaded" };
  } catch {
    return { supported: true, adapter: "failed" };
  }
}
