import type { WriteStream } from "node:tty";
import type { Progress } from "./run.ts";

/** How often the bar is drawn on a terminal, and how often a line is written elsewhere, in milliseconds. */
const BAR_MS = 200;
const LINE_MS = 10_000;
const WIDTH = 30;

/** Tells on `out` how far a run is. `clear` takes the bar away. */
export function createProgress(out: Pick<WriteStream, "write" | "isTTY">, wallMs: () => number) {
  const started = wallMs();
  let drawnAt = started;
  let lastEvents = 0;
  let drawn = false;

  const clear = (): void => {
    if (drawn) out.write("\r\u001b[K");
    drawn = false;
  };

  const tell = (what: string, { nowMs, endMs, viewers, events }: Progress): void => {
    const now = wallMs();
    const passed = now - drawnAt;
    if (passed < (out.isTTY ? BAR_MS : LINE_MS)) return;
    // A run that has just begun counts from zero again.
    const since = events < lastEvents ? events : events - lastEvents;
    const rate = Math.round(since / (passed / 1000));
    drawnAt = now;
    lastEvents = events;
    const share = nowMs / endMs;
    const text = `${what}: ${(nowMs / 1000).toFixed(0)} of ${(endMs / 1000).toFixed(0)} s, ${viewers} viewers, ${rate} events/s`;
    if (!out.isTTY) {
      out.write(`${text}\n`);
      return;
    }
    const full = Math.round(WIDTH * share);
    out.write(`\r\u001b[K[${"=".repeat(full)}${" ".repeat(WIDTH - full)}] ${text}`);
    drawn = true;
  };

  return { tell, clear };
}
