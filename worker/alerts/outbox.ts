import type { Firing, Notice } from "./rules.ts";

/** Notices that may wait for the receiver; the oldest go first. */
export const MAX_WAITING = 1000;
/** Tries of one notice; with the pauses between them they take a day. */
export const MAX_TRIES = 12;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3 * 3_600_000;

/** A notice that the receiver has not taken yet; not to be tried before `notBefore` (milliseconds since 1970). */
export type Waiting = { readonly notice: Notice; readonly tries: number; readonly notBefore: number };

/** What has to outlive a process, so that nothing is told twice or forgotten. */
export type AlertState = { readonly firing: readonly Firing[]; readonly outbox: readonly Waiting[] };
export const NO_ALERTS: AlertState = { firing: [], outbox: [] };

/** The outbox with new notices at its end. */
export const post = (outbox: readonly Waiting[], notices: readonly Notice[]): readonly Waiting[] =>
  [...outbox, ...notices.map((notice) => ({ notice, tries: 0, notBefore: 0 }))].slice(-MAX_WAITING);

/** What becomes of a notice after a try that failed: null when it is given up. Pauses double from half a minute to three hours. */
export function afterFailure({ notice, tries }: Waiting, now: number): Waiting | null {
  if (tries + 1 >= MAX_TRIES) return null;
  return { notice, tries: tries + 1, notBefore: now + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) };
}

/** What was written down with `JSON.stringify`; `null` (nothing was) and what cannot be read are no alerts. */
export function readState(text: string | null): AlertState {
  if (text === null) return NO_ALERTS;
  const state: unknown = JSON.parse(text);
  const whole = typeof state === "object" && state !== null && "firing" in state && "outbox" in state;
  return whole && Array.isArray(state.firing) && Array.isArray(state.outbox)
    ? { firing: state.firing as Firing[], outbox: state.outbox as Waiting[] }
    : NO_ALERTS;
}
