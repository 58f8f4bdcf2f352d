import { hash } from "node:crypto";
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import * as v from "valibot";
import type { UseLimit } from "./token-uses.ts";

/** How the site's backend signs the tokens of its viewers. */
export type TokenKeys = { readonly secret: string } | { readonly jwks: URL };

/** What a viewer wants to do, as far as a token speaks of it. */
export type Admission = { readonly site: string; readonly stream: string };

/** What a token says of whoever shows it. */
export type Pass = {
  /** The site's own name for the viewer, by which it is held out or not on all its devices. */
  readonly viewer: string | undefined;
  /** Undefined: as often as anybody likes. */
  readonly limit: UseLimit | undefined;
};

/** `unknown`: the keys could not be fetched, so that nobody can say. */
export type Verdict =
  | { readonly kind: "admitted"; readonly pass: Pass }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "unknown" };

/** Tells whether a token (RFC 7519) admits a viewer. `now` in milliseconds since 1970. */
export type TokenCheck = (token: string | undefined, wanted: Admission, now: number) => Promise<Verdict>;

/** What a token may say, and the longest name of a viewer in it, in characters. */
const VIEWER_LENGTH = 256;
const ClaimsSchema = v.object({
  exp: v.number(),
  site: v.optional(v.string("`site` is no text")),
  stream: v.optional(v.string("`stream` is no text")),
  viewer: v.optional(
    v.pipe(v.string("`viewer` is no text"), v.minLength(1), v.maxLength(VIEWER_LENGTH, "`viewer` is too long")),
  ),
  uses: v.optional(
    v.pipe(v.number("`uses` is no number"), v.integer(), v.minValue(1, "`uses` must be a whole number from 1 on")),
  ),
});

/** Public keys do not share their algorithms with secrets: a token chooses none that its key is not for. */
const SECRET_ALGORITHMS = ["HS256", "HS384", "HS512"];
const PUBLIC_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];
/** What clocks may differ by, in seconds. */
const TOLERANCE = 30;
/** Longest wait for the keys, in milliseconds. */
const FETCH_MS = 3000;

export function createTokenCheck(keys: TokenKeys): TokenCheck {
  const verify = verifierOf(keys);
  return async (token, { site, stream }, now) => {
    if (token === undefined) return refused("this tracker asks for a token; attach the player with one");
    try {
      const claims = v.safeParse(ClaimsSchema, await verify(token, new Date(now)));
      if (!claims.success) return refused(`the token is not good: ${claims.issues[0].message}`);
      const { output } = claims;
      if (output.site !== undefined && output.site !== site) return refused("the token is for another site");
      if (output.stream !== undefined && output.stream !== stream) return refused("the token is for another stream");
      return { kind: "admitted", pass: passOf(token, output) };
    } catch (error) {
      return isTokens(error) ? refused(`the token is not good: ${error.message}`) : { kind: "unknown" };
    }
  };
}

const refused = (why: string): Verdict => ({ kind: "refused", why });

const passOf = (token: string, { viewer, uses, exp }: v.InferOutput<typeof ClaimsSchema>): Pass => ({
  viewer,
  limit: uses === undefined ? undefined : { token: hash("sha256", token, "base64url"), uses, expiresAt: exp * 1000 },
});

function verifierOf(keys: TokenKeys): (token: string, currentDate: Date) => Promise<JWTPayload> {
  const rules = { clockTolerance: TOLERANCE, requiredClaims: ["exp"] };
  if ("secret" in keys) {
    const secret = new TextEncoder().encode(keys.secret);
    return async (token, currentDate) =>
      (await jwtVerify(token, secret, { ...rules, currentDate, algorithms: SECRET_ALGORITHMS })).payload;
  }
  const remote = createRemoteJWKSet(keys.jwks, { timeoutDuration: FETCH_MS });
  return async (token, currentDate) =>
    (await jwtVerify(token, remote, { ...rules, currentDate, algorithms: PUBLIC_ALGORITHMS })).payload;
}

/** Errors that are the token's fault, and not of the way to the keys. */
const isTokens = (error: unknown): error is Error =>
  error instanceof errors.JWTClaimValidationFailed ||
  error instanceof errors.JWTExpired ||
  error instanceof errors.JWTInvalid ||
  error instanceof errors.JWSInvalid ||
  error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed ||
  error instanceof errors.JOSENotSupported ||
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys;
