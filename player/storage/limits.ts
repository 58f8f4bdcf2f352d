export const DISK_LIMITS = {
  /** Largest share of the quota that is free when the tier opens. The rest stays the site's own. */
  freeShare: 0.1,
  /** Where that share is smaller than this, in bytes, nothing is kept: it would hold less than the memory does. */
  leastBytes: 64 * 1024 * 1024,
  /** Most bytes that wait to be written, and so stay in memory although the store let them go. A lone segment may be larger. */
  waitingBytes: 16 * 1024 * 1024,
} as const;
