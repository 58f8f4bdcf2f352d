import type { Logger } from "pino";
import { type AlertMemory, readState } from "../../alerts/index.ts";
import type { PlacedSample } from "../../reports/index.ts";
import type { FoldOutcome, ReportStore } from "../port.ts";
import { createAdmission } from "./admission.ts";
import { createCompactor } from "./compact.ts";
import { connect, type RedisPlace } from "./connection.ts";
import { createFold } from "./fold.ts";
import { keysUnder } from "./keys.ts";
import { createReader } from "./read.ts";
import { createRollup } from "./rollup.ts";
import { createRunner } from "./scripts.ts";

/** A site of which nothing came for so long is forgotten, in milliseconds: by then nothing of it is left. */
const SITE_MS = 731 * 86_400_000;
/** How often a process says which sites it counts, in milliseconds. */
const SITES_MS = 3_600_000;

export type RedisReportStore = ReportStore & {
  /** Sums up what is over into hours and days. To be done every few minutes by any worker. */
  readonly rollUp: () => Promise<void>;
  /** Forgets sites without data. Cells expire by themselves. To be done every day by any worker. */
  readonly expire: () => Promise<void>;
  /** Where workers on this Redis remember their alerts. */
  readonly alerts: AlertMemory;
  readonly ready: () => "ready" | { readonly reason: string };
  readonly close: () => void;
};

export type RedisReportOptions = {
  readonly place: RedisPlace;
  readonly prefix?: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Distinct streams kept of each site and day. */
  readonly maxStreams: number;
};

/**
 * Reports in Redis 7 or newer, or a Redis Cluster, shared by any number of workers. It begins to connect at once and goes on for as
 * long as it takes; calls reject while there is no Redis.
 */
export function createRedisReportStore({
  place,
  prefix = "shoal",
  log,
  clock,
  maxStreams,
}: RedisReportOptions): RedisReportStore {
  const connection = connect(place, (error) => log.debug({ err: error }, "trouble with the reports' Redis"));
  const keys = keysUnder(`${prefix}:reports`);
  const run = createRunner(connection);
  const compactor = createCompactor(connection, run, (error) => log.debug({ err: error }, "a log of cells stays long"));
  const fold = createFold({ keys, run, admission: createAdmission(keys, run, maxStreams), compactor });
  const reader = createReader(keys, connection, clock);
  const rollUp = createRollup({ keys, connection, reader, run, compactor });
  const noted = new Map<string, number>();

  /** A site is known before anything of it is counted. */
  const note = async (site: string): Promise<void> => {
    const now = clock();
    if (now - (noted.get(site) ?? Number.NEGATIVE_INFINITY) < SITES_MS) return;
    await connection.send(keys.sites, ["ZADD", keys.sites, String(now), site]);
    noted.set(site, now);
  };
  const sites = async (): Promise<readonly string[]> => {
    const members = await connection.send(keys.sites, ["ZRANGE", keys.sites, "0", "-1"]);
    return Array.isArray(members) ? members.map(String).sort() : [];
  };

  return {
    async fold(samples) {
      const bySite = new Map<string, number[]>();
      for (const [index, { site }] of samples.entries()) {
        const indexes = bySite.get(site);
        if (indexes === undefined) bySite.set(site, [index]);
        else indexes.push(index);
      }
      const outcomes: FoldOutcome[] = samples.map(() => "duplicate");
      await Promise.all(
        [...bySite].map(async ([site, indexes]) => {
          await note(site);
          const told = await fold(
            site,
            indexes.map((index) => samples[index] as PlacedSample),
          );
          for (const [place, index] of indexes.entries()) outcomes[index] = told[place] ?? "duplicate";
        }),
      );
      return outcomes;
    },
    read: reader.read,
    viewers: reader.viewers,
    sites,
    size: () => ({ cells: 0, sessions: 0 }),
    async rollUp() {
      for (const site of await sites()) await rollUp(site, clock());
    },
    async expire() {
      await connection.send(keys.sites, ["ZREMRANGEBYSCORE", keys.sites, "-inf", String(clock() - SITE_MS)]);
    },
    alerts: {
      load: async () => {
        const text = await connection.send(keys.alerts, ["GET", keys.alerts]);
        return readState(text === null ? null : String(text));
      },
      save: async (state) => {
        await connection.send(keys.alerts, ["SET", keys.alerts, JSON.stringify(state)]);
      },
    },
    ready: connection.ready,
    close: connection.close,
  };
}
