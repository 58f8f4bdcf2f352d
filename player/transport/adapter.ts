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
  return prototype !== undefined && !("connectionState" in prototype);
}

/**
 * Loads webrtc-adapter where the browser needs it: the answer is kept when links may be made, and never broken, because links
 * work without the adapter too; `onFailed` hears why it could not be loaded. Without an answer there is nothing to wait for.
 */
export function prepareWebRtc(
  load: () => Promise<unknown>,
  onFailed: (error: unknown) => void,
  scope: WebRtcScope = globalThis,
): Promise<unknown> | undefined {
  return needsAdapter(scope) ? load().catch(onFailed) : undefined;
}
