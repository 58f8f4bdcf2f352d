import * as v from "valibot";
import { StreamIdSchema } from "../protocol/index.ts";

/** Longest name of a site, in characters. */
export const SITE_LENGTH = 64;

/** Whom a rule is for, each narrower than the one before: everybody, the viewers of a site, those of one stream. */
export const ScopeSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("all") }),
  v.strictObject({ kind: v.literal("site"), site: v.pipe(v.string(), v.minLength(1), v.maxLength(SITE_LENGTH)) }),
  v.strictObject({
    kind: v.literal("stream"),
    site: v.pipe(v.string(), v.minLength(1), v.maxLength(SITE_LENGTH)),
    stream: StreamIdSchema,
  }),
]);
export type Scope = v.InferOutput<typeof ScopeSchema>;

/** A scope as one text, by which a store keeps it; two scopes have the same only if they are the same. */
export function scopeKey(scope: Scope): string {
  switch (scope.kind) {
    case "all":
      return "[]";
    case "site":
      return JSON.stringify([scope.site]);
    case "stream":
      return JSON.stringify([scope.site, scope.stream]);
    default:
      return scope satisfies never;
  }
}

/** The scopes that a viewer stands in, widest first. */
export const scopesAround = (site: string, stream: string): readonly string[] => [
  "[]",
  JSON.stringify([site]),
  JSON.stringify([site, stream]),
];
