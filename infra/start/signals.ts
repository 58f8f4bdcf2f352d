import type { RunningServer } from "../server/index.ts";

/** Supervisors commonly wait ten seconds before they kill; this leaves room. */
export const STOP_TIMEOUT_MS = 4500;

export type Exit = (code: number) => void;

/**
 * SIGINT and SIGTERM close the server and end the process with code 0, in `STOP_TIMEOUT_MS` at the latest. A second signal ends
 * it at once.
 */
export function stopOnSignals(server: RunningServer, say: (line: string) => void, exit: Exit = process.exit): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) {
      exit(0);
      return;
    }
    stopping = true;
    say("Shoal is stopping: it lets viewers go and saves what they reported. Once more to stop at once.");
    setTimeout(exit, STOP_TIMEOUT_MS, 0);
    server.close().then(
      () => exit(0),
      () => exit(1),
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
