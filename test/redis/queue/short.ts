/** Times that let a test see in a second what otherwise takes a minute. */
export const SHORT = {
  lockMs: 1000,
  stalledMs: 300,
  recoverMs: 100,
  backoffMs: 100,
  stalls: 50,
  attempts: 20,
} as const;
