import type { Connection } from "./connection.ts";
import { headOf, sumUp } from "./log.ts";
import type { RunScript } from "./scripts.ts";

/** Logs that wait to be summed up at most; one that is not taken is offered again with what is next appended to it. */
const WAITING = 4096;
/** Logs that are read at once. */
const AT_ONCE = 32;

/** Sums up logs that have grown long, beside the work that made them so. */
export type Compactor = {
  readonly offer: (logs: readonly string[]) => void;
  /** Sums up one log at once, for good if it is `settled`. Resolves with whether it was replaced. */
  readonly compact: (log: string, settled?: boolean) => Promise<boolean>;
};

/** `onTrouble`: a log that could not be summed up stays as it is, which costs reading time and nothing else. */
export function createCompactor(
  connection: Connection,
  run: RunScript,
  onTrouble: (error: unknown) => void,
): Compactor {
  const waiting = new Set<string>();
  let working = false;

  const compact = async (key: string, settled = false): Promise<boolean> => {
    const log = await connection.send(key, ["GET", key]);
    if (!(log instanceof Buffer) || log.length === 0) return false;
    return Number(await run("compact", [key], [headOf(log), String(log.length), sumUp(log, settled)])) === 1;
  };
  const work = async (): Promise<void> => {
    working = true;
    while (waiting.size > 0) {
      const some = [...waiting].slice(0, AT_ONCE);
      for (const key of some) waiting.delete(key);
      try {
        await Promise.all(some.map((key) => compact(key)));
      } catch (error) {
        onTrouble(error);
      }
    }
    working = false;
  };

  return {
    offer(logs) {
      for (const log of logs) if (waiting.size < WAITING) waiting.add(log);
      if (!working && waiting.size > 0) void work();
    },
    compact,
  };
}
