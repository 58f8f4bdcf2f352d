import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { pino } from "pino";
import { expect, test } from "vitest";
import { openSubnetFile } from "../../../../tracker/access/subnet-file.ts";
import { readSubnetGroups, SubnetFileError } from "../../../../tracker/access/subnet-groups.ts";

const read = (text: string) => readSubnetGroups(text, "groups.csv");
const complaint = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof SubnetFileError) return error.message;
    throw error;
  }
  throw new Error("expected a complaint");
};

test("the longest prefix wins, whatever the order of lines, in both families", () => {
  const table = read(
    [
      "\ufeffsubnet,group,mode",
      "# the company",
      "10.1.2.0/24,lab,off",
      "10.0.0.0/8,company,on",
      "",
      '10.1.0.0/16,"Berlin, 2nd floor",receive',
      "2001:db8::/32,company,on",
      "2001:db8:1::/48,guests,receive",
      "0.0.0.0/0,world,on",
      "192.0.2.7/32,one,off",
    ].join("\r\n"),
  );
  expect(table.find("10.1.2.3")).toEqual({ group: "lab", most: "off" });
  expect(table.find("10.1.3.3")).toEqual({ group: "Berlin, 2nd floor", most: "receive" });
  expect(table.find("10.2.3.4")).toEqual({ group: "company", most: "share" });
  expect(table.find("::ffff:10.2.3.4")).toEqual({ group: "company", most: "share" });
  expect(table.find("192.0.2.7")).toEqual({ group: "one", most: "off" });
  expect(table.find("192.0.2.8")).toEqual({ group: "world", most: "share" });
  expect(table.find("2001:db8:1::5")).toEqual({ group: "guests", most: "receive" });
  expect(table.find("2001:db8:2::5")).toEqual({ group: "company", most: "share" });
  expect(table.find("2001:db9::5")).toBeUndefined();
  expect(table.find("no address")).toBeUndefined();
  expect(read("").find("10.0.0.1")).toBeUndefined();
});

test.each([
  ["10.0.0.0/33,a,on", 'groups.csv, line 1, column 1 (subnet): expected a subnet such as "10.1.0.0/16"'],
  [
    "10.0.0.1/8,a,on",
    'line 1, column 1 (subnet): expected "10.0.0.0/8", with no bits behind the prefix, not "10.0.0.1/8"',
  ],
  ["2001:db8::1/32,a,on", 'column 1 (subnet): expected "2001:db8::/32"'],
  ["10.0.0.0/8,,on", "line 1, column 2 (group): expected a name of 1 to 64 characters"],
  ["10.0.0.0/8,a", "line 1, column 3 (mode): expected on, off or receive, nothing is there"],
  ["10.0.0.0/8,a,ON", 'line 1, column 3 (mode): expected on, off or receive, not "ON"'],
  ["10.0.0.0/8,a,on,x", "line 1, column 4: expected three columns"],
  [
    "subnet,group,mode\n\n# note\n10.0.0.0/8,a,on\n10.0.0.0/8,b,off",
    "line 5, column 1 (subnet): expected a subnet that is not on line 4",
  ],
  ['10.0.0.0/8,"a,on\n', "line"],
])("%j is refused by line and column", (text, expected) => {
  expect(complaint(text)).toContain(expected);
});

test("all that is wrong is told at once, up to ten places", () => {
  const lines = complaint(Array.from({ length: 30 }, (_, i) => `10.${i}.0.0/16,a,maybe`).join("\n")).split("\n");
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe("groups.csv: and 20 more");
});

test("finds what looking at every subnet one after the other finds", () => {
  const subnet = fc.tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 32 }),
  );
  const number = ([a, b]: readonly number[]): number => ((10 + (a ?? 0)) * 2 ** 24 + (b ?? 0) * 2 ** 8) >>> 0;
  const cut = (address: number, length: number): number =>
    (length === 0 ? 0 : (address >>> (32 - length)) << (32 - length)) >>> 0;
  const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
  fc.assert(
    fc.property(fc.array(subnet, { maxLength: 30 }), fc.array(subnet, { maxLength: 20 }), (subnets, asked) => {
      const known = new Map(subnets.map((one) => [`${dotted(cut(number(one), one[2]))}/${one[2]}`, one] as const));
      const table = read([...known.keys()].map((cidr) => `${cidr},${cidr},on`).join("\n"));
      for (const one of asked) {
        const address = number(one);
        const holding = [...known].filter(([, sub]) => cut(address, sub[2]) === cut(number(sub), sub[2]));
        const [longest] = holding.sort(([, a], [, b]) => b[2] - a[2]);
        expect(table.find(dotted(address))?.group).toBe(longest?.[0]);
      }
    }),
  );
});

test("a file that has become wrong changes nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shoal-subnets-"));
  const path = join(folder, "groups.csv");
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });
  await expect(openSubnetFile(path, log)).rejects.toThrow("SUBNET_GROUPS: ");
  await writeFile(path, "10.0.0.0/8,a,on");
  const file = await openSubnetFile(path, log);
  await writeFile(path, "10.0.0.0/8,b,off\n11.0.0.0/8,c,perhaps");
  expect(await file.reload()).toBe("kept");
  expect(file.find("10.0.0.1")).toEqual({ group: "a", most: "share" });
  expect(logged.at(-1)).toContain("line 2, column 3");
  await writeFile(path, "10.0.0.0/8,b,off");
  expect(await file.reload()).toBe("read");
  expect(file.find("10.0.0.1")).toEqual({ group: "b", most: "off" });
  await rm(folder, { recursive: true });
});
