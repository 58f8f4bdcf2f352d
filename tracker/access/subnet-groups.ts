import { CsvError, type CsvErrorCode } from "csv-parse";
import { parse } from "csv-parse/sync";
import ipaddr from "ipaddr.js";
import * as v from "valibot";
import type { Policy } from "../protocol/index.ts";

/** What the operator says of a subnet: viewers of one group meet first, and do no more than `most`. */
export type SubnetRule = { readonly group: string; readonly most: Policy["mode"] };

/** The rule of the longest prefix that an address lies in. */
export type SubnetTable = { readonly find: (address: string) => SubnetRule | undefined };

/** Subnets in one file. */
export const MAX_SUBNETS = 100_000;
const GROUP_LENGTH = 64;
/** Wrong places of a file that are named; the first few tell what is wrong with the others. */
const TOLD = 10;
const COLUMNS = ["subnet", "group", "mode"] as const;

const Mode = v.picklist(["on", "off", "receive"]);

/** Says for each wrong place of a file: file, line, column, what was expected. */
export class SubnetFileError extends Error {
  override readonly name = "SubnetFileError";
}

type Row = { readonly record: readonly string[]; readonly info: { readonly lines: number } };
type Subnet = { readonly bytes: readonly number[]; readonly length: number };
type Fault = (column: (typeof COLUMNS)[number], expected: string) => void;

/**
 * Reads lines of `subnet,group,mode` (RFC 4180): a CIDR, a name, and `on`, `off` (stays on the CDN) or `receive` (gives nothing).
 * A first line of these three words, empty lines and lines that begin with `#` are passed over.
 * @throws {SubnetFileError} when anything in it is wrong
 */
export function readSubnetGroups(text: string, file: string): SubnetTable {
  const faults: string[] = [];
  const lengths = new Map<string, Map<string, SubnetRule & { readonly line: number }>>();
  const rows = readRows(text, file);
  if (rows.length > MAX_SUBNETS) throw new SubnetFileError(`${file}: expected at most ${MAX_SUBNETS} subnets`);

  for (const [index, { record, info }] of rows.entries()) {
    if (index === 0 && record.join().toLowerCase() === COLUMNS.join()) continue;
    const fault: Fault = (column, expected) => {
      const given = record[COLUMNS.indexOf(column)];
      const number = COLUMNS.indexOf(column) + 1;
      const not = given === undefined ? "nothing is there" : `not ${JSON.stringify(given.slice(0, 64))}`;
      faults.push(`${file}, line ${info.lines}, column ${number} (${column}): expected ${expected}, ${not}`);
    };
    const [cidr = "", group = "", mode = "", ...more] = record;
    const subnet = readSubnet(cidr, fault);
    if (group === "" || group.length > GROUP_LENGTH) fault("group", `a name of 1 to ${GROUP_LENGTH} characters`);
    if (!v.is(Mode, mode)) fault("mode", "on, off or receive");
    if (more.length > 0) faults.push(`${file}, line ${info.lines}, column 4: expected three columns`);
    if (subnet === undefined || !v.is(Mode, mode)) continue;
    const home = `${subnet.bytes.length}/${subnet.length}`;
    const of = lengths.get(home) ?? new Map();
    const key = prefixKey(subnet.bytes, subnet.length);
    const before = of.get(key);
    if (before !== undefined) fault("subnet", `a subnet that is not on line ${before.line} already`);
    lengths.set(home, of.set(key, { group, most: mode === "on" ? "share" : mode, line: info.lines }));
  }
  if (faults.length > 0) {
    const more = faults.length > TOLD ? [`${file}: and ${faults.length - TOLD} more`] : [];
    throw new SubnetFileError([...faults.slice(0, TOLD), ...more].join("\n"));
  }
  return tableOf(lengths);
}

function tableOf(lengths: ReadonlyMap<string, ReadonlyMap<string, SubnetRule>>): SubnetTable {
  const tables = [...lengths]
    .map(([home, rules]) => {
      const [size = 0, length = 0] = home.split("/").map(Number);
      return { size, length, rules };
    })
    .sort((a, b) => b.length - a.length);
  return {
    find(address) {
      if (tables.length === 0 || !ipaddr.isValid(address)) return undefined;
      const bytes = ipaddr.process(address).toByteArray();
      for (const { size, length, rules } of tables) {
        const rule = size === bytes.length ? rules.get(prefixKey(bytes, length)) : undefined;
        if (rule) return { group: rule.group, most: rule.most };
      }
      return undefined;
    },
  };
}

function readRows(text: string, file: string): readonly Row[] {
  try {
    const options = {
      bom: true,
      comment: "#",
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    };
    return parse(text, options) as unknown as readonly Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines, column } = error as CsvError & { readonly code: CsvErrorCode };
    const number = typeof column === "number" ? `, column ${column + 1}` : "";
    throw new SubnetFileError(`${file}, line ${String(lines)}${number}: expected CSV (${error.message})`);
  }
}

function readSubnet(cidr: string, fault: Fault): Subnet | undefined {
  if (!ipaddr.isValidCIDR(cidr)) {
    fault("subnet", 'a subnet such as "10.1.0.0/16" or "2001:db8::/32"');
    return undefined;
  }
  const [address, length] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  if (prefixKey(bytes, bytes.length * 8) !== prefixKey(masked(bytes, length), bytes.length * 8)) {
    const network = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
    fault("subnet", `"${network.networkAddressFromCIDR(cidr).toString()}/${length}", with no bits behind the prefix`);
    return undefined;
  }
  return { bytes, length };
}

const masked = (bytes: readonly number[], length: number): number[] =>
  bytes.map((byte, index) => {
    const kept = Math.max(0, Math.min(8, length - index * 8));
    return byte & (0xff << (8 - kept));
  });

/** The first `length` bits, as text. */
const prefixKey = (bytes: readonly number[], length: number): string =>
  masked(bytes.slice(0, Math.ceil(length / 8)), length).join(".");
