import { createHmac } from "node:crypto";
import type { IceServer } from "../protocol/index.ts";

/** The operator's TURN servers, and what their credentials are made with. */
export type Turn = {
  /** `turn:` and `turns:` URLs (RFC 7065). */
  readonly urls: readonly string[];
  /** Shared with the TURN server: coturn's `static-auth-secret`. */
  readonly secret: string;
  /** How long a viewer's credentials open new allocations, in milliseconds. */
  readonly ttlMs: number;
};

/**
 * Short-lived credentials after draft-uberti-behave-turn-rest-00, as coturn's `use-auth-secret` takes them: the username says
 * until when (seconds since 1970) and for whom, the password is its HMAC-SHA1 in base64. `label` shows in the TURN server's log
 * and quotas; it must hold no colon. `now` is in milliseconds since 1970.
 */
export function turnServer({ urls, secret, ttlMs }: Turn, label: string, now: number): IceServer {
  const username = `${Math.floor((now + ttlMs) / 1000)}:${label}`;
  const credential = createHmac("sha1", secret).update(username).digest("base64");
  return { urls: [...urls], username, credential };
}
