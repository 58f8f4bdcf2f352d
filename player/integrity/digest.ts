import type { Digest } from "../../tracker/protocol/index.ts";

/** Makes the digest of one block. Rejects only when no hash function could be had at all; nothing may then pass as checked. */
export type Hasher = (bytes: Uint8Array) => Promise<Digest>;

/** Bytes of the SHA-256 that are kept: 128 bits. */
const KEPT = 16;

/** What is used of WebCrypto. */
export type Subtle = {
  readonly digest: (algorithm: "SHA-256", bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;
};

/**
 * Digests of blocks: the first 128 bits of SHA-256 (FIPS 180-4), base64url without padding. WebCrypto does the work where it exists
 * (secure contexts); elsewhere, as on http://a-lan-address, the audited @noble/hashes. That is loaded on first need, which
 * works in insecure contexts too and keeps 2.6 KB out of what everybody loads.
 */
export function createHasher(
  loadSha256: () => Promise<Pick<typeof import("./sha256.ts"), "sha256">>,
  crypto: { readonly subtle?: Subtle | undefined } = globalThis.crypto,
): Hasher {
  const { subtle } = crypto;
  if (subtle !== undefined) {
    return async (bytes) => digestOf(new Uint8Array(await subtle.digest("SHA-256", own(bytes))));
  }
  return async (bytes) => {
    const { sha256 } = await loadSha256();
    return digestOf(sha256(bytes));
  };
}

/** WebCrypto refuses shared memory; nothing here ever is, so this only copies where the type cannot tell. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

function digestOf(hash: Uint8Array): Digest {
  const base64 = btoa(String.fromCharCode(...hash.subarray(0, KEPT)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") as Digest;
}
