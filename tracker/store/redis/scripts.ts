import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Link } from "./connection/link.ts";
import { StoreError } from "./store-error.ts";
import { ANYWHERE, AROUND, BUCKET, ENTRY_LENGTH } from "./swarm/circles.ts";

/** One Lua script for each step that must not be divided; each file says what its keys, arguments and answer are. */
const NAMES = ["digests", "join", "keep", "leave", "lookup", "publish", "release", "renew", "size", "stand"] as const;
export type ScriptName = (typeof NAMES)[number];

/** Runs a script. All `keys` belong to one hash tag. @throws StoreError */
export type RunScript = (
  name: ScriptName,
  keys: readonly [string, ...string[]],
  args: readonly string[],
) => Promise<unknown>;

/** Scripts are called by their hash; a Redis that has not seen one yet, or lost it, is told its text. */
export function createRunner(link: Link): RunScript {
  const scripts = new Map(NAMES.map((name) => [name, readScript(name)]));
  return async (name, keys, args) => {
    const { sha, text } = scripts.get(name) ?? readScript(name);
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await link.send(keys[0], ["EVALSHA", sha, ...rest]);
    } catch (error) {
      if (!(error instanceof StoreError && error.message.startsWith("NOSCRIPT"))) throw error;
      return link.send(keys[0], ["EVAL", text, ...rest]);
    }
  };
}

/** A line `-- include <name>` stands for the text of `shared/<name>.lua`. */
function readScript(name: ScriptName): { readonly sha: string; readonly text: string } {
  const text = read(name)
    .replaceAll(/^-- include (\w+)$/gm, (_, shared: string) => read(`shared/${shared}`))
    .replaceAll("WIDTH", String(ENTRY_LENGTH))
    .replaceAll("BUCKET", String(BUCKET))
    .replaceAll("ANYWHERE", String(ANYWHERE))
    .replaceAll("AROUND", String(AROUND));
  return { sha: createHash("sha1").update(text).digest("hex"), text };
}

const read = (path: string): string => readFileSync(new URL(`scripts/${path}.lua`, import.meta.url), "utf8");
