import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Does an `Authorization` header carry this token as a bearer (RFC 6750). The time it takes tells nothing of the token: digests
 * of equal length are compared to their last byte.
 */
export function createTokenCheck(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return (header) => {
    const [, given = ""] = /^Bearer +(\S{1,4096})$/i.exec(header ?? "") ?? [];
    return timingSafeEqual(digest(given), expected);
  };
}
