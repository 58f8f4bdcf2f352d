import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import * as v from "valibot";
import { type AlertMemory, readState } from "../../alerts/index.ts";
import { ReceivedSampleSchema } from "../../protocol/index.ts";
import type { PlacedSample } from "../../reports/index.ts";
import { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from "../memory.ts";
import type { FoldOutcome, ReportStore } from "../port.ts";
import { openDurable } from "./durable.ts";
import { writeAtomically } from "./files.ts";

export { FolderUnusable } from "./files.ts";

export type FolderStoreOptions = Omit<MemoryStoreOptions, "viewerKey"> & {
  /** Made when it is not there. One process at a time may use it. */
  readonly folder: string;
  readonly log: Logger;
  readonly journalBytes?: number;
};

export type FolderStore = ReportStore & {
  /** Where the alerts of this process are remembered. */
  readonly alerts: AlertMemory;
  readonly close: () => Promise<void>;
};

const EntrySchema = v.array(v.object({ ...v.omit(ReceivedSampleSchema, ["receivedAt"]).entries, at: v.number() }));

/**
 * Cells in this process's memory that outlive it: every batch is in a journal on disk before it counts.
 * @throws FolderUnusable
 */
export async function openFolderStore(options: FolderStoreOptions): Promise<FolderStore> {
  let memory: MemoryStore | undefined;
  // The key is as old as the folder, or the marks of viewers before and after a start would not compare.
  let viewerKey: Buffer | undefined;
  const current = (): MemoryStore => {
    if (viewerKey === undefined) throw new Error("the data folder has not been read yet");
    memory ??= createMemoryStore({ ...options, viewerKey });
    return memory;
  };
  const durable = await openDurable<readonly PlacedSample[], readonly FoldOutcome[]>(
    {
      prepare: async (folder) => {
        viewerKey = await keyIn(folder);
      },
      apply: (samples) => current().foldNow(samples),
      dump: () => current().dump(),
      restore: (values) => {
        memory = undefined;
        current().restore(values);
      },
      parse: (value) => {
        const parsed = v.safeParse(EntrySchema, value);
        return parsed.success ? parsed.output : null;
      },
    },
    options,
  );
  const alertsPath = join(options.folder, "alerts.json");
  return {
    ...current(),
    fold: durable.commit,
    alerts: {
      load: async () => readState(await readFile(alertsPath, "utf8").catch(() => null)),
      save: (state) => writeAtomically(alertsPath, [JSON.stringify(state)]),
    },
    close: durable.close,
  };
}

async function keyIn(folder: string): Promise<Buffer> {
  const path = join(folder, "viewer-key");
  const known = await readFile(path, "utf8").catch(() => "");
  if (/^[0-9a-f]{64}$/.test(known.trim())) return Buffer.from(known.trim(), "hex");
  const key = randomBytes(32);
  await writeAtomically(path, [`${key.toString("hex")}\n`]);
  return key;
}
