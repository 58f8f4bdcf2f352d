import { createHmac } from "node:crypto";
import type { Notice } from "./rules.ts";

/** A receiver that says nothing for so long has not taken the notice, in milliseconds. */
const TIMEOUT_MS = 10_000;

export const SIGNATURE_HEADER = "shoal-signature";
export const TIMESTAMP_HEADER = "shoal-timestamp";

/** `refused`: the receiver said that it will never take it. `failed`: it may be tried again. */
export type Delivery =
  | { readonly kind: "delivered" }
  | { readonly kind: "refused" | "failed"; readonly reason: string };

export type Webhook = (notice: Notice) => Promise<Delivery>;

/**
 * Signature of a body: HMAC-SHA256 over the timestamp (seconds since 1970, in digits), a full stop and the body, in hexadecimal. A
 * receiver computes it anew, compares in constant time, and turns away timestamps that are more than five minutes off.
 */
export const sign = (secret: string, timestamp: string, body: string): string =>
  createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");

/** Posts notices as JSON to one URL. Redirects are not followed: the signature is for this receiver alone. Never rejects. */
export function createWebhook(options: {
  readonly url: string;
  readonly secret: string;
  readonly clock: () => number;
}): Webhook {
  return async (notice) => {
    const body = JSON.stringify(notice);
    const timestamp = String(Math.floor(options.clock() / 1000));
    const headers = {
      "content-type": "application/json",
      [TIMESTAMP_HEADER]: timestamp,
      [SIGNATURE_HEADER]: `v1=${sign(options.secret, timestamp, body)}`,
    };
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(options.url, { method: "POST", body, headers, redirect: "manual", signal });
      await response.body?.cancel();
      return judgeStatus(response.status);
    } catch (error) {
      return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  };
}

function judgeStatus(status: number): Delivery {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const reason = `the receiver answered ${status}`;
  const later = status >= 500 || status === 408 || status === 429;
  return { kind: later ? "failed" : "refused", reason };
}
