import { unwatchFile, watchFile } from "node:fs";
import { open, type Reader, type Response } from "maxmind";
import type { Logger } from "pino";
import * as v from "valibot";
import type { Place } from "./keyed-hash.ts";

/** Databases in MaxMind's format, by their paths; `undefined`: none. */
export type PlaceFiles = { readonly country: string | undefined; readonly network: string | undefined };

/** What the operator's databases know of addresses. */
export type Places = {
  readonly locate: (address: string) => Place;
  /** Reads the files again. One that cannot be read is told in the log, and the old one stays. */
  readonly reload: () => Promise<void>;
  readonly close: () => void;
};

/** A file that has changed is read again within this time, in milliseconds: such databases are renewed once a week or so. */
const LOOK_MS = 30_000;

const CountryCode = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/));
/** As in GeoIP2 and GeoLite2, or flat as in others. */
const CountryRecord = v.union([
  v.pipe(
    v.object({ country: v.object({ iso_code: CountryCode }) }),
    v.transform(({ country }) => country.iso_code),
  ),
  v.pipe(
    v.object({ country_code: CountryCode }),
    v.transform(({ country_code }) => country_code),
  ),
]);
const NetworkRecord = v.pipe(
  v.object({ autonomous_system_number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
  v.transform((record) => record.autonomous_system_number),
);

/** Opens the databases. Rejects, naming variable and file, when one cannot be read. */
export async function openPlaces(files: PlaceFiles, log: Logger): Promise<Places> {
  const [country, network] = await Promise.all([
    openFile("MMDB_COUNTRY", files.country, CountryRecord, log),
    openFile("MMDB_ASN", files.network, NetworkRecord, log),
  ]);
  return {
    locate(address) {
      const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
      const [code, as] = [country.find(plain), network.find(plain)];
      return { ...(code === undefined ? {} : { country: code }), ...(as === undefined ? {} : { as }) };
    },
    reload: async () => void (await Promise.all([country.reload(), network.reload()])),
    close() {
      country.close();
      network.close();
    },
  };
}

type File<T> = Pick<Places, "reload" | "close"> & { readonly find: (address: string) => T | undefined };

async function openFile<T>(
  variable: string,
  path: string | undefined,
  schema: v.GenericSchema<unknown, T>,
  log: Logger,
): Promise<File<T>> {
  if (path === undefined) return { find: () => undefined, reload: async () => undefined, close: () => undefined };
  let reader: Reader<Response> = await open(path).catch((error: unknown) => {
    throw new Error(`${variable}: ${path} cannot be read as a database in MaxMind's format (${String(error)})`);
  });
  const reload = async (): Promise<void> => {
    try {
      reader = await open(path);
      log.info({ variable }, "a database of addresses was read again");
    } catch (error) {
      log.warn({ err: error, variable }, "a database of addresses cannot be read; the old one stays");
    }
  };
  const changed = (): void => void reload();
  watchFile(path, { interval: LOOK_MS, persistent: false }, changed);
  return {
    find(address) {
      const parsed = v.safeParse(schema, reader.get(address));
      return parsed.success ? parsed.output : undefined;
    },
    reload,
    close: () => unwatchFile(path, changed),
  };
}
