/** `rate` tokens a second flow in, up to `burst`. */
export type BucketLimit = { readonly rate: number; readonly burst: number };

/** Tokens left at a moment (milliseconds on the caller's clock). */
export type Bucket = { tokens: number; at: number };

export const fullBucket = (limit: BucketLimit, now: number): Bucket => ({ tokens: limit.burst, at: now });

/** Takes up to `want` whole tokens and says how many there were. A clock that steps back adds nothing. */
export function takeTokens(bucket: Bucket, limit: BucketLimit, now: number, want = 1): number {
  refill(bucket, limit, now);
  const taken = Math.max(0, Math.min(want, Math.floor(bucket.tokens)));
  bucket.tokens -= taken;
  return taken;
}

/** True when nothing was taken for so long that the bucket may as well be forgotten. */
export function isFull(bucket: Bucket, limit: BucketLimit, now: number): boolean {
  refill(bucket, limit, now);
  return bucket.tokens >= limit.burst;
}

function refill(bucket: Bucket, limit: BucketLimit, now: number): void {
  const elapsed = Math.max(0, now - bucket.at);
  bucket.tokens = Math.min(limit.burst, bucket.tokens + (elapsed / 1000) * limit.rate);
  bucket.at = now;
}
