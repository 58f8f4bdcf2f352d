import * as v from "valibot";
import { TRACKER_VARIABLES, type TrackerVariable } from "./variables.ts";

/** A variable as it stands in the environment; unset and empty both mean its default. */
export function variable(name: TrackerVariable) {
  const fallback: string = TRACKER_VARIABLES[name].default;
  return v.pipe(
    v.optional(v.string(`${name}: expected a string`), fallback),
    v.transform((text) => text.trim() || fallback),
  );
}

/** A file's path; whether it can be read shows when it is opened. */
export const path = (name: TrackerVariable) =>
  v.pipe(
    variable(name),
    v.transform((text) => text || undefined),
  );

/** A whole number in digits, from `min` to `max`. */
export function wholeNumber(name: TrackerVariable, min: number, max: number) {
  const expected = `${name}: expected a whole number from ${min} to ${max}`;
  return v.pipe(
    variable(name),
    v.regex(/^\d{1,15}$/, expected),
    v.transform(Number),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}
