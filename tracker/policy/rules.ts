import * as v from "valibot";
import type { Rule } from "../swarm/index.ts";
import { type Scope, ScopeSchema } from "./scope.ts";

/** Rules that one tracker keeps, over all scopes. */
export const MAX_RULES = 1000;
/** Bounds of what may be set; those of `UPLOAD_LIMIT` and `SAMPLE_INTERVAL`. */
export const RULE_LIMITS = {
  uploadBitsPerSecond: 100_000_000_000,
  sampleMs: { least: 500, most: 300_000 },
} as const;

/** What may be set for a scope: at least one of the terms. */
export const RuleSchema = v.pipe(
  v.strictObject({
    mode: v.optional(v.picklist(["share", "receive", "off"])),
    uploadBitsPerSecond: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(RULE_LIMITS.uploadBitsPerSecond)),
    ),
    sampleMs: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(RULE_LIMITS.sampleMs.least), v.maxValue(RULE_LIMITS.sampleMs.most)),
    ),
    holdoutShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  }),
  v.check(
    (rule) => Object.values(rule).some((value) => value !== undefined),
    "expected at least one of mode, uploadBitsPerSecond, sampleMs and holdoutShare; DELETE takes a rule away",
  ),
);

/** One rule and whom it is for. Plain data. */
export type ScopedRule = { readonly scope: Scope; readonly rule: Rule };
export const ScopedRuleSchema = v.strictObject({ scope: ScopeSchema, rule: RuleSchema });

/** Where rules are kept. Any call may reject; then nothing was changed. */
export type RuleStore = {
  readonly load: () => Promise<readonly ScopedRule[]>;
  /** `full` when there are `MAX_RULES` others. */
  readonly put: (rule: ScopedRule) => Promise<"kept" | "full">;
  readonly remove: (scope: Scope) => Promise<void>;
  /** `changed` is called when another process may have changed a rule. Answers with how to stop listening. */
  readonly watch: (changed: () => void) => () => void;
};
