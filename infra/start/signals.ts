import type { Role, RunningServer } from "../server/index.ts";

/**
 * SIGHUP lets the roles read their files again. Where none has any, the signal keeps its own meaning: the end of a process whose
 * terminal was closed.
 */
export function reloadOnHangup(roles: readonly Role[]): void {
  const reloads = roles.flatMap(({ reload }) => reload ?? []);
  if (reloads.length > 0) process.on("SIGHUP", () => void Promise.all(reloads.map((reload) => reload())));
}

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
