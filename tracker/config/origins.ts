import * as v from "valibot";
import type { Origins } from "../access/origins.ts";
import { variable } from "./readers.ts";

const NAME = "ALLOWED_ORIGINS";

/** Reads `*`, or a comma separated list of origins exactly as a browser writes them. */
export const OriginsVariable = v.pipe(
  variable(NAME),
  v.rawTransform<string, Origins>(({ dataset, addIssue, NEVER }) => {
    if (dataset.value === "*") return "*";
    const origins = dataset.value.split(",").map((entry) => entry.trim());
    const wrong = origins.find((entry) => originOf(entry) !== entry);
    if (wrong === undefined) return new Set(origins);
    const hint = originOf(wrong);
    addIssue({
      message:
        `${NAME}: "${wrong}" is not an origin; expected scheme, host and port alone, ` +
        `such as ${hint ? `"${hint}"` : '"https://video.example"'}, or "*" for any`,
    });
    return NEVER;
  }),
);

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  return origin === "null" ? undefined : origin;
}
