import * as v from "valibot";

/** What the worker is told from outside. */
export type WorkerConfig = {
  /** Minutes for which reports are kept. */
  readonly reportMinutes: number;
  /** Distinct streams kept of each site; the rest is counted as "other". */
  readonly maxStreams: number;
};

const MAX_DIGITS = 9;

/** A whole number from the environment. Unset and empty both mean the default. */
const whole = (name: string, min: number, max: number, preset: number) =>
  v.pipe(
    v.optional(v.string(`${name} must be text.`), ""),
    v.transform((text) => (text.trim() === "" ? String(preset) : text.trim())),
    v.check(
      (text) => new RegExp(`^\\d{1,${MAX_DIGITS}}$`).test(text) && Number(text) >= min && Number(text) <= max,
      ({ input }) => `${name} must be a whole number from ${min} to ${max}, not "${input}".`,
    ),
    v.transform(Number),
  );

/**
 * From environment variables to `WorkerConfig`; other variables are left alone. `REPORT_MINUTES`: 60 (a query without
 * a range covers an hour) to 44640 (31 days). `MAX_STREAMS`: 1 to 100000.
 */
export const WorkerEnvSchema = v.pipe(
  v.object({
    REPORT_MINUTES: whole("REPORT_MINUTES", 60, 44_640, 2_880),
    MAX_STREAMS: whole("MAX_STREAMS", 1, 100_000, 1_000),
  }),
  v.transform((env): WorkerConfig => ({ reportMinutes: env.REPORT_MINUTES, maxStreams: env.MAX_STREAMS })),
);
