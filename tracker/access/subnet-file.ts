import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { readSubnetGroups, type SubnetTable } from "./subnet-groups.ts";

/** The operator's file of subnets, which can be read again. */
export type SubnetFile = SubnetTable & {
  /** All of the file or, when anything in it is wrong, nothing: then the log says what, and the old groups stay. */
  readonly reload: () => Promise<"read" | "kept">;
};

/** Largest file, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads the file; without one nobody is in a group. Rejects, with file, line and column, when it is wrong. */
export async function openSubnetFile(path: string | undefined, log: Logger): Promise<SubnetFile> {
  if (path === undefined) return { find: () => undefined, reload: async () => "read" };
  const read = async (): Promise<SubnetTable> => {
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new Error(`SUBNET_GROUPS: ${path} cannot be read (${String(error)})`);
    });
    if (bytes.length > MAX_BYTES) throw new Error(`SUBNET_GROUPS: ${path}: expected at most ${MAX_BYTES} bytes`);
    return readSubnetGroups(bytes.toString("utf8"), path);
  };
  let table = await read();
  return {
    find: (address) => table.find(address),
    async reload() {
      try {
        table = await read();
        log.info({ file: path }, "groups of subnets were read again");
        return "read";
      } catch (error) {
        log.error({ err: error, file: path }, "groups of subnets could not be read; the old ones stay");
        return "kept";
      }
    },
  };
}
