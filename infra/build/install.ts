import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/**
 * Moves the files below `from` to the same places below `to`, then removes from `folders` of `to` what is not among them. Each file is
 * renamed, pages after what they refer to, so that a server which reads the folder meanwhile finds no gap and
 * no half file, even when two builds end at the same time.
 */
export async function install(from: string, to: string, folders: readonly string[]): Promise<void> {
  const files = [...(await filesBelow(from))].sort((a, b) => Number(a.endsWith(".html")) - Number(b.endsWith(".html")));
  for (const file of files) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await rename(join(from, file), join(to, file));
  }
  const fresh = new Set(files);
  for (const folder of folders) {
    for (const file of await filesBelow(join(to, folder))) {
      const path = join(folder, file);
      if (!fresh.has(path)) await rm(join(to, path), { force: true });
    }
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
