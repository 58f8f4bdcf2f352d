import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { expect, it, onTestFinished } from "vitest";
import { openDurable } from "../../../../worker/store/folder/durable.ts";
import { FolderUnusable } from "../../../../worker/store/folder/files.ts";

const log = pino({ level: "silent" });

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "shoal-data-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A machine that remembers the numbers it was told. */
async function openNumbers(folder: string, journalBytes?: number) {
  let numbers: number[] = [];
  const durable = await openDurable(
    {
      apply: (entry: number) => numbers.push(entry),
      dump: () => numbers,
      restore: (values) => {
        numbers = values.map(Number);
      },
      parse: (value) => (typeof value === "number" ? value : null),
    },
    { folder, log, ...(journalBytes === undefined ? {} : { journalBytes }) },
  );
  return { ...durable, numbers: () => numbers };
}

/** What a process that dies now leaves behind: the lock goes with it. */
const die = (folder: string): Promise<void> => rm(join(folder, "lock"), { force: true });

it("finds everything that was committed, after a death and after a close", async () => {
  const folder = await freshFolder();
  const first = await openNumbers(folder);
  await Promise.all([1, 2, 3].map(first.commit));
  await die(folder);
  const second = await openNumbers(folder);
  expect(second.numbers()).toEqual([1, 2, 3]);
  await second.commit(4);
  await second.close();
  const third = await openNumbers(folder);
  expect(third.numbers()).toEqual([1, 2, 3, 4]);
  await third.close();
});

it("replaces long journals by snapshots, and keeps no more than two numbers", async () => {
  const folder = await freshFolder();
  const first = await openNumbers(folder, 100);
  for (let number = 0; number < 50; number++) await first.commit(number);
  expect((await readdir(folder)).filter((name) => name !== "lock")).toHaveLength(4);
  await die(folder);
  const second = await openNumbers(folder);
  expect(second.numbers()).toEqual(Array.from({ length: 50 }, (_, number) => number));
  await second.close();
});

it("leaves out a last line that was not written to its end, and goes on", async () => {
  const folder = await freshFolder();
  const first = await openNumbers(folder);
  await first.commit(1);
  await die(folder);
  await appendFile(join(folder, "1.journal"), "0badc0de 1234");
  const second = await openNumbers(folder);
  expect(second.numbers()).toEqual([1]);
  await second.commit(2);
  await die(folder);
  const third = await openNumbers(folder);
  expect(third.numbers()).toEqual([1, 2]);
  await third.close();
});

it("sets a damaged journal aside and counts what stood before the damage", async () => {
  const folder = await freshFolder();
  const first = await openNumbers(folder);
  for (const number of [1, 2, 3]) await first.commit(number);
  await die(folder);
  const path = join(folder, "1.journal");
  const lines = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, [lines[0], lines[1]?.replace("2", "7"), lines[2], ""].join("\n"));
  const second = await openNumbers(folder);
  expect(second.numbers()).toEqual([1]);
  expect((await readdir(folder)).filter((name) => name.includes(".journal.damaged-"))).toHaveLength(1);
  await second.close();
});

it("falls back on the snapshot before a damaged one, and loses nothing", async () => {
  const folder = await freshFolder();
  const first = await openNumbers(folder, 30);
  for (let number = 0; number < 20; number++) await first.commit(number);
  await die(folder);
  const [, newest = ""] = (await readdir(folder))
    .filter((name) => name.endsWith(".snapshot"))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  await truncate(join(folder, newest), 40);
  const second = await openNumbers(folder);
  expect(second.numbers()).toEqual(Array.from({ length: 20 }, (_, number) => number));
  expect((await readdir(folder)).filter((name) => name.includes(".snapshot.damaged-"))).toHaveLength(1);
  await second.close();
});

it("lets no second process into the folder, and says which one is there", async () => {
  const folder = await freshFolder();
  await writeFile(join(folder, "lock"), String(process.ppid));
  await expect(openNumbers(folder)).rejects.toThrow(`in use by process ${process.ppid}`);
  await expect(openNumbers(join(folder, "lock", "below"))).rejects.toBeInstanceOf(FolderUnusable);
});

it("applies nothing that could not be written, and goes on when there is room again", async () => {
  const folder = await freshFolder();
  const durable = await openNumbers(folder);
  await durable.commit(1);
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  await expect(durable.commit(cyclic as unknown as number)).rejects.toThrow();
  await durable.commit(2);
  expect(durable.numbers()).toEqual([1, 2]);
  await durable.close();
});
