import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Files and folders, relative to the repository, whose content decides what the browser bundles look like. */
export const BUILD_INPUTS = [
  "player",
  "tracker/protocol",
  "worker/protocol",
  "worker/dashboard",
  "infra/demo",
  "infra/build",
  "package-lock.json",
] as const;

/** A hash over names and contents of the inputs: equal means that a build would come out the same. Missing ones count too. */
export async function fingerprint(root: string, inputs: readonly string[] = BUILD_INPUTS): Promise<string> {
  const files = (await Promise.all(inputs.map((input) => filesUnder(join(root, input))))).flat().sort();
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const hash = createHash("sha256");
  for (const [index, file] of files.entries()) {
    const content = contents[index] ?? Buffer.alloc(0);
    // Lengths keep a name and the content behind it apart.
    hash.update(`${relative(root, file).split(sep).join("/")}\0${content.length}\0`).update(content);
  }
  return hash.digest("base64url");
}

async function filesUnder(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(ifMissing);
  if (!found) return [];
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
