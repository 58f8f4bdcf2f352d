import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { crc32 } from "node:zlib";

/** Characters handed to the system at once. */
const CHUNK = 1 << 20;

/** A file of these lines that appears whole or not at all, whatever happens meanwhile. */
export async function writeAtomically(path: string, lines: readonly string[]): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, "w");
  try {
    let chunk = "";
    for (const line of lines) {
      chunk += line;
      if (chunk.length < CHUNK) continue;
      await file.appendFile(chunk);
      chunk = "";
    }
    await file.appendFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** Makes names that were given or taken away in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** One line that can tell whether it is what was written: a checksum, a blank, JSON. */
export function sealed(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

export type Lines = {
  readonly values: readonly unknown[];
  /** `torn`: the last line was not written to its end, as when power was cut. `damaged`: a line is not what was written. */
  readonly end: "whole" | "torn" | "damaged";
};

/** Reads a file of sealed lines up to the first that is not whole. */
export async function readSealed(path: string): Promise<Lines> {
  const values: unknown[] = [];
  let broken = false;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (broken) return { values, end: "damaged" };
    const json = line.slice(9);
    if (line.slice(0, 9) === `${checksum(json)} `) values.push(JSON.parse(json));
    else broken = true;
  }
  return { values, end: broken ? "torn" : "whole" };
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, "0");

/** Takes a file out of the way without destroying it. Returns its new name. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  await rename(path, aside);
  return aside;
}

/** The folder cannot be used; the message says why and what to do. */
export class FolderUnusable extends Error {
  override readonly name = "FolderUnusable";
}

/**
 * Makes the folder, and sees to it that no other process works on it.
 * @throws FolderUnusable
 */
export async function takeFolder(folder: string): Promise<{ readonly release: () => Promise<void> }> {
  const lock = join(folder, "lock");
  try {
    await mkdir(folder, { recursive: true });
    const holder = Number(await readFile(lock, "utf8").catch(() => "0"));
    if (holder !== process.pid && isAlive(holder)) {
      throw new FolderUnusable(
        `The data folder ${folder} is in use by process ${holder}. Stop that one, or choose another folder with DATA_DIR.`,
      );
    }
    await writeFile(lock, String(process.pid));
  } catch (error) {
    if (error instanceof FolderUnusable) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new FolderUnusable(`The data folder ${folder} cannot be written (${why}). Choose another with DATA_DIR.`);
  }
  return { release: () => rm(lock, { force: true }) };
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
