import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { readSealed, sealed, setAside, syncFolder, takeFolder, writeAtomically } from "./files.ts";

/** A journal longer than this is replaced by a snapshot, in bytes. Reading one of that length at the start takes seconds. */
export const JOURNAL_BYTES = 64 * 1024 * 1024;

/** State in memory that is changed by entries. The same entries in the same order make the same state. */
export type Machine<Entry, Result> = {
  /** Reads what else it keeps in the folder, before anything is restored. */
  readonly prepare?: (folder: string) => Promise<void>;
  readonly apply: (entry: Entry) => Result;
  /** The whole state, as values that JSON can carry. */
  readonly dump: () => Iterable<unknown>;
  /** Takes a state back that `dump` gave, instead of the one that it has. @throws when it cannot be one */
  readonly restore: (values: readonly unknown[]) => void;
  /** An entry that was read back; null when it cannot be one. */
  readonly parse: (value: unknown) => Entry | null;
};

export type Durable<Entry, Result> = {
  /** Resolves when the entry is on disk and applied; rejects when it could not be written, and then it is not applied. */
  readonly commit: (entry: Entry) => Promise<Result>;
  /** Writes a snapshot and lets the folder go. */
  readonly close: () => Promise<void>;
};

export type DurableOptions = { readonly folder: string; readonly log: Logger; readonly journalBytes?: number };

/**
 * Keeps a machine's state in a folder. Every entry goes to the end of a journal and is synced before it is applied; now and then
 * a snapshot of the whole state takes the journal's place. File number n+1 follows on n: `n.snapshot` is the state before
 * `n.journal`. The last two numbers are kept, so that a snapshot that turns out damaged costs nothing.
 *
 * @throws FolderUnusable
 */
export async function openDurable<Entry, Result>(
  machine: Machine<Entry, Result>,
  options: DurableOptions,
): Promise<Durable<Entry, Result>> {
  type Pending = {
    readonly entry: Entry;
    readonly done: (result: Result) => void;
    readonly fail: (error: unknown) => void;
  };
  const { folder, log, journalBytes = JOURNAL_BYTES } = options;
  const held = await takeFolder(folder);
  await machine.prepare?.(folder);
  let number = (await restore(machine, folder, log)) + 1;
  let journal = await startJournal(folder, number, machine);
  let pending: Pending[] = [];
  let pumping: Promise<void> | undefined;

  const commitAll = async (batch: readonly Pending[]): Promise<void> => {
    try {
      await journal.append(batch.map(({ entry }) => sealed(entry)).join(""));
    } catch (error) {
      for (const { fail } of batch) fail(error);
      return;
    }
    for (const { entry, done, fail } of batch) {
      try {
        done(machine.apply(entry));
      } catch (error) {
        fail(error);
      }
    }
  };
  /** Everything in the journal is applied when this runs, so the state now is exactly what the next journal follows on. */
  const cut = async (): Promise<void> => {
    const next = await startJournal(folder, number + 1, machine);
    await journal.close();
    journal = next;
    number += 1;
    await removeBefore(folder, number - 1);
  };
  const pump = async (): Promise<void> => {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      await commitAll(batch);
      if (journal.size() > journalBytes) {
        await cut().catch((error: unknown) => log.error({ err: error }, "no snapshot of the reports could be written"));
      }
    }
    pumping = undefined;
  };

  return {
    commit: (entry) =>
      new Promise((done, fail) => {
        pending.push({ entry, done, fail });
        pumping ??= pump();
      }),
    async close() {
      await pumping;
      if (journal.size() > 0) await cut();
      await journal.close();
      await held.release();
    },
  };
}

const snapshotOf = (folder: string, number: number): string => join(folder, `${number}.snapshot`);
const journalOf = (folder: string, number: number): string => join(folder, `${number}.journal`);

/** Puts the machine into the state of the folder. Returns the highest number there is, 0 in an empty folder. */
async function restore<Entry, Result>(machine: Machine<Entry, Result>, folder: string, log: Logger): Promise<number> {
  const numbers = await numbersIn(folder);
  let from = 0;
  for (const number of [...numbers.snapshots].reverse()) {
    if (await restoreSnapshot(machine, snapshotOf(folder, number), log)) {
      from = number;
      break;
    }
  }
  for (const number of numbers.journals) {
    if (number >= from) await replay(machine, journalOf(folder, number), log);
  }
  return Math.max(0, ...numbers.snapshots, ...numbers.journals);
}

async function restoreSnapshot<Entry, Result>(
  machine: Machine<Entry, Result>,
  path: string,
  log: Logger,
): Promise<boolean> {
  const { values, end } = await readSealed(path);
  const [last] = values.slice(-1);
  try {
    if (end !== "whole" || last !== END) throw new Error("it is not whole");
    machine.restore(values.slice(0, -1));
    return true;
  } catch (error) {
    log.error(
      { err: error, aside: await setAside(path) },
      "a snapshot of the reports is damaged and was set aside; an older one is used",
    );
    return false;
  }
}

async function replay<Entry, Result>(machine: Machine<Entry, Result>, path: string, log: Logger): Promise<void> {
  const { values, end } = await readSealed(path);
  for (const value of values) {
    const entry = machine.parse(value);
    if (entry === null) log.error({ path }, "an entry of the reports' journal makes no sense and is left out");
    else machine.apply(entry);
  }
  // A torn end was never acknowledged: that is how a power cut looks.
  if (end === "damaged") {
    log.error(
      { aside: await setAside(path) },
      "a journal of the reports is damaged and was set aside; what stood before the damage is counted",
    );
  }
}

/** Last line of a snapshot that is whole. */
const END = "end";

type Journal = {
  readonly append: (text: string) => Promise<void>;
  readonly size: () => number;
  readonly close: () => Promise<void>;
};

/** Writes the snapshot of a number, then opens its journal. */
async function startJournal(
  folder: string,
  number: number,
  machine: { readonly dump: () => Iterable<unknown> },
): Promise<Journal> {
  const lines: string[] = [];
  for (const value of machine.dump()) lines.push(sealed(value));
  await writeAtomically(snapshotOf(folder, number), [...lines, sealed(END)]);
  const file = await open(journalOf(folder, number), "a");
  await syncFolder(folder);
  return journalOn(file);
}

function journalOn(file: FileHandle): Journal {
  let size = 0;
  return {
    async append(text) {
      const bytes = Buffer.from(text);
      try {
        await file.appendFile(bytes);
        await file.datasync();
        size += bytes.length;
      } catch (error) {
        // Half a line in the middle would make all that follows unreadable.
        await file.truncate(size);
        throw error;
      }
    },
    size: () => size,
    close: () => file.close(),
  };
}

async function removeBefore(folder: string, number: number): Promise<void> {
  const { snapshots, journals } = await numbersIn(folder);
  for (const old of snapshots) if (old < number) await rm(snapshotOf(folder, old), { force: true });
  for (const old of journals) if (old < number) await rm(journalOf(folder, old), { force: true });
}

type Numbers = { readonly snapshots: readonly number[]; readonly journals: readonly number[] };

async function numbersIn(folder: string): Promise<Numbers> {
  const names = await readdir(folder);
  const of = (kind: string): number[] =>
    names.flatMap((name) => {
      const match = new RegExp(`^(\\d{1,15})\\.${kind}$`).exec(name);
      return match ? [Number(match[1])] : [];
    });
  const ascending = (list: number[]): number[] => list.sort((a, b) => a - b);
  return { snapshots: ascending(of("snapshot")), journals: ascending(of("journal")) };
}
