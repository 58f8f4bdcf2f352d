import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { MAX_RUNS } from "../sequences.ts";
import type { Argument, Connection } from "./connection.ts";

/** One Lua script for each step that must not be divided; each file says what its keys, arguments and answer are. */
const NAMES = ["admit", "commit", "replace"] as const;
export type ScriptName = (typeof NAMES)[number];

/** Runs a script. All `keys` belong to one hash tag. */
export type RunScript = (name: ScriptName, keys: readonly string[], args: readonly Argument[]) => Promise<unknown>;

/** Scripts are called by their hash; a Redis that has not seen one yet, or lost it, is told its text. */
export function createRunner({ send }: Connection): RunScript {
  const scripts = new Map(NAMES.map((name) => [name, readScript(name)]));
  return async (name, keys, args) => {
    const { sha, text } = scripts.get(name) ?? readScript(name);
    const [first = ""] = keys;
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await send(first, ["EVALSHA", sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return send(first, ["EVAL", text, ...rest]);
    }
  };
}

function readScript(name: ScriptName): { readonly sha: string; readonly text: string } {
  const path = new URL(`scripts/${name}.lua`, import.meta.url);
  const text = readFileSync(path, "utf8").replaceAll("MAX_RUNS", String(MAX_RUNS));
  return { sha: createHash("sha1").update(text).digest("hex"), text };
}
