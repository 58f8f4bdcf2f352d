import { createHash } from "node:crypto";
import * as fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { createHasher } from "../../../../player/integrity/index.ts";
import { DigestSchema } from "../../../../tracker/protocol/index.ts";

const loadSha256 = () => import("../../../../player/integrity/sha256.ts");

const expected = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest().subarray(0, 16).toString("base64url");

const hashers = [
  ["WebCrypto", createHasher(loadSha256)],
  ["no secure context", createHasher(loadSha256, {})],
] as const;

test.each(hashers)("with %s: 128 bits of SHA-256, base64url without padding", async (_name, hash) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const digest = await hash(bytes);
      expect(digest).toBe(expected(bytes));
      expect(v.is(DigestSchema, digest)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test.each(hashers)("with %s: a view is hashed, not the buffer behind it", async (_name, hash) => {
  const whole = Uint8Array.from({ length: 200_000 }, (_, i) => i % 253);
  expect(await hash(whole.subarray(100, 65_636))).toBe(expected(whole.slice(100, 65_636)));
  const shared = new Uint8Array(new SharedArrayBuffer(10));
  expect(await hash(shared)).toBe(expected(shared.slice()));
});

test("a failing WebCrypto is told, not passed over", async () => {
  const hash = createHasher(loadSha256, { subtle: { digest: () => Promise.reject(new Error("broken")) } });
  await expect(hash(new Uint8Array(1))).rejects.toThrow("broken");
});
