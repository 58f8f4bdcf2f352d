import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { MAX_RUNS } from "../sequences.ts";
import type { Argument, Connection } from "./connection.ts";

/** One Lua script for each step that must not be divided; each file says what its keys, arguments and answer are. */
const NAMES = ["admit", "commit", "compact", "replace"] as const;

/** Numbers that scripts know by name. */
const NUMBERS = {
  MAX_RUNS,
  /** A log that is no longer than this is never summed up, in bytes: what it costs to read is its call. */
  LONG_LOG: 4096,
  /** A log is summed up when its deltas are so many times as long as the sum that it has. */
  LONG_TIMES: 3,
};
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
  const text = Object.entries(NUMBERS).reduce(
    (script, [number, value]) => script.replaceAll(number, String(value)),
    readFileSync(path, "utf8"),
  );
  return { sha: createHash("sha1").update(text).digest("hex"), text };
}
