import { turnServer } from "../access/turn-credentials.ts";
import type { TrackerConfig } from "../config/index.ts";
import type { IceServer, PeerId } from "../protocol/index.ts";
import type { Registry } from "./registry.ts";

/** The operator's ICE servers for one viewer, its own TURN credentials among them. `now`: milliseconds since 1970. */
export function iceServersFor({ iceServers, turn }: TrackerConfig, viewer: PeerId, now: number): IceServer[] {
  return turn ? [...iceServers, turnServer(turn, viewer, now)] : [...iceServers];
}

/** Share of their life after which TURN credentials are renewed, and time between two looks, as a share of it too. */
const RENEW_AT = 1 / 2;
const LOOK_EVERY = 1 / 4;

/** Sends long sessions new TURN credentials while the old ones are still good. Does nothing without TURN servers. */
export function startIceRenewal(parts: {
  readonly config: TrackerConfig;
  readonly registry: Pick<Registry, "connections">;
  readonly clock: () => number;
  readonly wallClock: () => number;
}): { readonly stop: () => void } {
  const { config, registry, clock, wallClock } = parts;
  const { turn } = config;
  if (!turn) return { stop: () => undefined };
  const renew = (): void => {
    const now = clock();
    for (const connection of registry.connections()) {
      const viewer = connection.joined();
      if (!viewer || now - viewer.iceAt < turn.ttlMs * RENEW_AT) continue;
      viewer.iceAt = now;
      connection.send({ t: "ice", iceServers: iceServersFor(config, viewer.member.id, wallClock()) });
    }
  };
  const timer = setInterval(renew, turn.ttlMs * LOOK_EVERY);
  return { stop: () => clearInterval(timer) };
}
