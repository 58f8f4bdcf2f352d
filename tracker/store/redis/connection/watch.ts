import type { RedisLimits } from "../options.ts";
import { StoreError } from "../store-error.ts";
import type { Connection } from "./connection.ts";
import { inTime } from "./in-time.ts";

/** Tells whether the nodes behind a connection answer. A connection may be open and the other side long gone. */
export type Watch = {
  /** A call has failed. Asks every node that has answered what it was asked before; of many calls that fail together, once. */
  readonly doubt: () => void;
  /** The nodes that do not answer now. */
  readonly silent: () => "none" | "all" | readonly string[];
  readonly stop: () => void;
};

/** What is known of one node: it was asked and may still answer, has taken too long and still may, or whether it answered. */
type Health = "asked" | "late" | "answered" | "failed";

/** Shortest time between two looks because of calls that failed, in milliseconds. */
const DOUBT_MS = 100;

/** Looks every `lookMs`. `onDead` when nobody has answered for `patienceMs`. */
export function createWatch(
  connection: Pick<Connection, "nodes">,
  limits: RedisLimits,
  onDead: (error: Error) => void,
): Watch {
  const healths = new Map<string, Health>();
  let heard = performance.now();
  let lookedAt = Number.NEGATIVE_INFINITY;

  const ask = (name: string, ping: () => Promise<unknown>): void => {
    const known = healths.get(name);
    if (known === "asked" || known === "late") return;
    healths.set(name, "asked");
    const answer = ping().then(
      () => {
        heard = performance.now();
        healths.set(name, "answered");
      },
      () => void healths.set(name, "failed"),
    );
    inTime(answer, limits.callMs, () => new StoreError("slow", `${name} does not answer`)).catch(() => {
      if (healths.get(name) === "asked") healths.set(name, "late");
    });
  };
  const look = (): void => {
    lookedAt = performance.now();
    const nodes = connection.nodes();
    const names = new Set(nodes.map(({ name }) => name));
    for (const name of healths.keys()) if (!names.has(name)) healths.delete(name);
    for (const { name, ping } of nodes) ask(name, ping);
  };
  const isSilent = (health: Health): boolean => health === "late" || health === "failed";

  const timer = setInterval(() => {
    if (performance.now() - heard > limits.patienceMs) onDead(new Error(`no answer for ${limits.patienceMs} ms`));
    else look();
  }, limits.lookMs);
  look();

  return {
    doubt() {
      if (performance.now() - lookedAt >= DOUBT_MS) look();
    },
    silent() {
      const names = [...healths].filter(([, health]) => isSilent(health)).map(([name]) => name);
      if (names.length === 0) return "none";
      return names.length === healths.size ? "all" : names;
    },
    stop: () => clearInterval(timer),
  };
}
