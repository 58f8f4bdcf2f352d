import * as v from "valibot";
import { ANY_SITE, type ReportToken } from "./http/access.ts";
import type { Prices, Tier } from "./reports/index.ts";

/** What the worker is told from outside. */
export type WorkerConfig = {
  /** Distinct streams kept of each site and day; the rest is counted as "other". */
  readonly maxStreams: number;
  /** What opens reports; none: they are open on loopback, else closed. */
  readonly reportTokens: readonly ReportToken[];
  /** What the CDN and TURN cost; null: reports tell no money. */
  readonly prices: Prices | null;
};

const MAX_DIGITS = 9;
const LEAST_TOKEN_LENGTH = 16;

/** A variable's text, trimmed; unset is the same as empty. */
const text = (name: string) =>
  v.pipe(
    v.optional(v.string(`${name} must be text.`), ""),
    v.transform((given) => given.trim()),
  );

/** A whole number from the environment. Unset and empty both mean the default. */
const whole = (name: string, min: number, max: number, preset: number) =>
  v.pipe(
    text(name),
    v.transform((given) => given || String(preset)),
    v.check(
      (given) => new RegExp(`^\\d{1,${MAX_DIGITS}}$`).test(given) && Number(given) >= min && Number(given) <= max,
      ({ input }) => `${name} must be a whole number from ${min} to ${max}, not "${input}".`,
    ),
    v.transform(Number),
  );

const PRICE = /^\d{1,9}(\.\d{1,9})?$/;

/** `0:0.05,10000:0.03`: from so many GB on, a price for each. */
const parseTiers = (given: string): readonly Tier[] | null => {
  const tiers = given.split(",").map((tier): Tier | null => {
    const [from = "", price = "", ...rest] = tier.trim().split(":");
    return PRICE.test(from) && PRICE.test(price) && rest.length === 0
      ? { fromGB: Number(from), price: Number(price) }
      : null;
  });
  const read = tiers.filter((tier) => tier !== null);
  const ascending = read.every((tier, index) => tier.fromGB > (read[index - 1]?.fromGB ?? -1));
  return read.length === tiers.length && ascending && read[0]?.fromGB === 0 ? read : null;
};

/** `site:token,…`; a site may have several tokens, and `*` stands for every site. */
const parseTokens = (given: string): readonly ReportToken[] | null => {
  const tokens = given.split(",").map((entry) => {
    const at = entry.lastIndexOf(":");
    return { site: entry.slice(0, at).trim(), token: entry.slice(at + 1).trim() };
  });
  const fine = ({ site, token }: ReportToken) =>
    site.length > 0 && site.length <= 64 && new RegExp(`^[\\w.~+/=-]{${LEAST_TOKEN_LENGTH},}$`).test(token);
  return tokens.every(fine) ? tokens : null;
};

/** Text that `parse` understands, or the preset when it is empty. */
const parsed = <T>(name: string, preset: T, parse: (given: string) => T | null, expected: string) =>
  v.pipe(
    text(name),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      if (dataset.value === "") return preset;
      const value = parse(dataset.value);
      if (value !== null) return value;
      addIssue({ message: `${name} must be ${expected}.` });
      return NEVER;
    }),
  );

/**
 * From environment variables to `WorkerConfig`; other variables are left alone. `MAX_STREAMS`: 1 to 100000. `REPORT_TOKENS`:
 * `site:token,…`. `PRICE_PER_GB`: `fromGB:price,…` or one price. `TURN_PRICE_PER_GB`: a price. `CURRENCY`: 1 to 8 characters.
 */
export const WorkerEnvSchema = v.pipe(
  v.object({
    MAX_STREAMS: whole("MAX_STREAMS", 1, 100_000, 1_000),
    REPORT_TOKENS: parsed<readonly ReportToken[]>(
      "REPORT_TOKENS",
      [],
      parseTokens,
      `"site:token", comma separated, with tokens of at least ${LEAST_TOKEN_LENGTH} letters and digits ("${ANY_SITE}" for every site)`,
    ),
    PRICE_PER_GB: parsed<readonly Tier[]>(
      "PRICE_PER_GB",
      [],
      (given) => parseTiers(PRICE.test(given) ? `0:${given}` : given),
      'a price, or tiers as "fromGB:price" that begin at 0 and ascend, such as "0:0.05,10000:0.03"',
    ),
    TURN_PRICE_PER_GB: parsed(
      "TURN_PRICE_PER_GB",
      0,
      (given) => (PRICE.test(given) ? Number(given) : null),
      'a price, such as "0.04"',
    ),
    CURRENCY: v.pipe(
      text("CURRENCY"),
      v.transform((given) => given || "USD"),
      v.maxLength(8, "CURRENCY must have at most 8 characters."),
    ),
  }),
  v.transform(
    (env): WorkerConfig => ({
      maxStreams: env.MAX_STREAMS,
      reportTokens: env.REPORT_TOKENS,
      prices:
        env.PRICE_PER_GB.length === 0
          ? null
          : { currency: env.CURRENCY, cdn: env.PRICE_PER_GB, turnPerGB: env.TURN_PRICE_PER_GB },
    }),
  ),
);
