import * as v from "valibot";
import type { Thresholds } from "./rules.ts";

/** Whom to tell of what; null: nobody. */
export type AlertConfig = { readonly url: string; readonly secret: string; readonly thresholds: Thresholds } | null;

const LEAST_SECRET_LENGTH = 16;
const MINUTE_MS = 60_000;

const text = (name: string) =>
  v.pipe(
    v.optional(v.string(`${name} must be text.`), ""),
    v.transform((given) => given.trim()),
  );

const within = (name: string, digits: RegExp, least: number, most: number) =>
  v.pipe(
    text(name),
    v.check(
      (given) => given === "" || (digits.test(given) && Number(given) >= least && Number(given) <= most),
      ({ input }) => `${name} must be a number from ${least} to ${most}, not "${input}".`,
    ),
    v.transform((given) => (given === "" ? undefined : Number(given))),
  );
const share = (name: string) => within(name, /^\d(\.\d{1,6})?$/, 0, 1);

const isWebUrl = (given: string): boolean => URL.canParse(given) && /^https?:$/.test(new URL(given).protocol);

/** Reads `ALERT_…` from an environment; other variables are left alone. */
export const AlertEnvSchema = v.pipe(
  v.object({
    ALERT_WEBHOOK: v.pipe(
      text("ALERT_WEBHOOK"),
      v.check((given) => given === "" || isWebUrl(given), "ALERT_WEBHOOK must be an http or https URL."),
    ),
    ALERT_SECRET: text("ALERT_SECRET"),
    ALERT_OFFLOAD_BELOW: share("ALERT_OFFLOAD_BELOW"),
    ALERT_STALLS_ABOVE: share("ALERT_STALLS_ABOVE"),
    ALERT_SILENCE_MINUTES: within("ALERT_SILENCE_MINUTES", /^\d{1,3}$/, 2, 120),
  }),
  v.forward(
    v.partialCheck(
      [["ALERT_WEBHOOK"], ["ALERT_SECRET"]],
      (env) => env.ALERT_WEBHOOK === "" || env.ALERT_SECRET.length >= LEAST_SECRET_LENGTH,
      `ALERT_SECRET must have at least ${LEAST_SECRET_LENGTH} characters where ALERT_WEBHOOK is set.`,
    ),
    ["ALERT_SECRET"],
  ),
  v.transform((env): AlertConfig => {
    if (env.ALERT_WEBHOOK === "") return null;
    const { ALERT_OFFLOAD_BELOW: offload, ALERT_STALLS_ABOVE: stalls, ALERT_SILENCE_MINUTES: silence } = env;
    const thresholds: Thresholds = {
      ...(offload === undefined ? {} : { offload }),
      ...(stalls === undefined ? {} : { stalls }),
      ...(silence === undefined ? {} : { silence: silence * MINUTE_MS }),
    };
    return { url: env.ALERT_WEBHOOK, secret: env.ALERT_SECRET, thresholds };
  }),
);
