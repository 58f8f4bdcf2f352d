import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";

/** How the site's backend signs the tokens of its viewers. */
export type TokenKeys = { readonly secret: string } | { readonly jwks: URL };

/** What a viewer wants to do, as far as a token speaks of it. */
export type Admission = { readonly site: string; readonly stream: string };

/** `unknown`: the keys could not be fetched, so that nobody can say. */
export type Verdict = "admitted" | "unknown" | { readonly refused: string };

/** Tells whether a token (RFC 7519) admits a viewer. `now` in milliseconds since 1970. */
export type TokenCheck = (token: string | undefined, wanted: Admission, now: number) => Promise<Verdict>;

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
    if (token === undefined) return { refused: "this tracker asks for a token; attach the player with one" };
    try {
      const claims = await verify(token, new Date(now));
      if (claims.site !== undefined && claims.site !== site) return { refused: "the token is for another site" };
      if (claims.stream !== undefined && claims.stream !== stream)
        return { refused: "the token is for another stream" };
      return "admitted";
    } catch (error) {
      return isTokens(error) ? { refused: `the token is not good: ${error.message}` } : "unknown";
    }
  };
}

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
