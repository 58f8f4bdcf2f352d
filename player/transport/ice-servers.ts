import type { IceServer } from "../../tracker/protocol/index.ts";

const STUN = /^stuns?:/i;
const TURN = /^turns?:/i;

/**
 * The configuration of each connection: the page's own, with the tracker's servers after the page's. A server that
 * RTCPeerConnection would throw on (another scheme, TURN without credentials) is left out, so that one misspelt server does not
 * cost the whole mesh. Always names a list: without one simple-peer would ask public STUN servers of its own choice.
 */
export function rtcConfiguration(
  own: RTCConfiguration | undefined,
  servers: readonly IceServer[],
): RTCConfiguration & { iceServers: RTCIceServer[] } {
  return { ...own, iceServers: [...(own?.iceServers ?? []), ...servers.flatMap(usable)] };
}

function usable({ urls, username, credential }: IceServer): RTCIceServer[] {
  if (username !== undefined && credential !== undefined) {
    const known = urls.filter((url) => STUN.test(url) || TURN.test(url));
    return known.length === 0 ? [] : [{ urls: known, username, credential }];
  }
  const known = urls.filter((url) => STUN.test(url));
  return known.length === 0 ? [] : [{ urls: known }];
}
