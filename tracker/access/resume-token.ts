import { timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { type PeerId, PeerIdSchema, type SwarmId } from "../protocol/index.ts";
import { keyedHash } from "./keyed-hash.ts";

/** How long a viewer may come back as the one it was, in milliseconds: about as long as a page stays open. */
export const RESUME_MS = 24 * 60 * 60 * 1000;

/**
 * A token with which a viewer shows a tracker, this process or another with the same secret, which peer id it was given in which
 * swarm. `expiresAt` in milliseconds since 1970.
 */
export function mintResumeToken(secret: string, swarm: SwarmId, peer: PeerId, expiresAt: number): string {
  const claim = `${peer}.${Math.floor(expiresAt).toString(36)}`;
  return `${claim}.${signature(secret, swarm, claim)}`;
}

/** The peer id in a token; `undefined` when it is forged, expired (`now` in milliseconds since 1970) or of another swarm. */
export function readResumeToken(secret: string, swarm: SwarmId, token: string, now: number): PeerId | undefined {
  const [id = "", expiry = "", signed = ""] = token.split(".");
  const given = Buffer.from(signed);
  const expected = Buffer.from(signature(secret, swarm, `${id}.${expiry}`));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const peer = v.safeParse(PeerIdSchema, id);
  return peer.success && Number.parseInt(expiry, 36) > now ? peer.output : undefined;
}

const signature = (secret: string, swarm: SwarmId, claim: string): string => keyedHash(secret, "resume", swarm, claim);
