import type { CdnSource, Clock } from "../session/ports.ts";

/** The two watches over one transfer, as hls.js keeps them: until the answer's head is there, and until all is. */
export type Timeouts = { readonly headCame: () => void; readonly stop: () => void };

/** Both run from now on. A limit of 0 or Infinity is none. */
export function createTimeouts(
  clock: Clock,
  limits: Pick<CdnSource, "firstByteMs" | "totalMs">,
  expire: () => void,
): Timeouts {
  const watch = (ms: number): (() => void) =>
    Number.isFinite(ms) && ms > 0 ? clock.after(ms, expire) : () => undefined;
  const head = watch(limits.firstByteMs);
  const total = watch(limits.totalMs);
  return {
    headCame: head,
    stop() {
      head();
      total();
    },
  };
}
