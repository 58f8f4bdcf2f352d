import type { Logger } from "pino";
import type { StreamId } from "../protocol/index.ts";
import { type Rule, type Terms, termsUnder } from "../swarm/index.ts";
import type { RuleStore, ScopedRule } from "./rules.ts";
import { type Scope, scopeKey, scopesAround } from "./scope.ts";

/** Rules are read again this often, in milliseconds, in case that news of a change was lost. */
export const RELOAD_MS = 10_000;
/** Failures in a row of which the log tells: at the first the store may just be on its way up. */
const TOLD_AT = 2;

/** The rules in force, at hand without waiting for the store. */
export type PolicyBook = {
  readonly rules: () => readonly ScopedRule[];
  readonly ruleOf: (scope: Scope) => Rule | undefined;
  /** The terms for viewers of a stream. */
  readonly terms: (site: string, stream: StreamId) => Terms;
  /** The terms for a scope as a whole, before narrower ones. */
  readonly termsOf: (scope: Scope) => Terms;
  /** Both settle when the change holds here; other processes learn of it through the store. They reject when the store does. */
  readonly put: (rule: ScopedRule) => Promise<"kept" | "full">;
  readonly remove: (scope: Scope) => Promise<void>;
  readonly close: () => void;
};

/** Begins to read the rules at once. A store that cannot be read leaves those that were known. */
export function openPolicyBook(parts: {
  readonly base: Terms;
  readonly store: RuleStore;
  readonly log: Logger;
  /** Some rule may have changed. */
  readonly onChange: () => void;
}): PolicyBook {
  const { base, store, log, onChange } = parts;
  let known = new Map<string, ScopedRule>();
  const under = (keys: readonly string[]): Terms =>
    termsUnder(
      base,
      keys.map((key) => known.get(key)?.rule),
    );

  const reload = async (): Promise<void> => {
    const read = new Map((await store.load()).map((one) => [scopeKey(one.scope), one]));
    if (isSame(known, read)) return;
    known = read;
    onChange();
  };
  let failed = 0;
  const reloadSoon = (): void => {
    reload().then(
      () => {
        failed = 0;
      },
      (error: unknown) => {
        failed += 1;
        // Once for each time that the store is away, however often it is looked for.
        if (failed === TOLD_AT) log.warn({ err: error }, "the policy's rules cannot be read; the known ones hold");
      },
    );
  };
  const timer = setInterval(reloadSoon, RELOAD_MS);
  const unwatch = store.watch(reloadSoon);
  reloadSoon();

  return {
    rules: () => [...known.values()],
    ruleOf: (scope) => known.get(scopeKey(scope))?.rule,
    // Asked for each viewer that comes, and mostly there are no rules.
    terms: (site, stream) => (known.size === 0 ? base : under(scopesAround(site, stream))),
    termsOf: (scope) => {
      switch (scope.kind) {
        case "all":
          return under(["[]"]);
        case "site":
          return under(["[]", scopeKey(scope)]);
        case "stream":
          return under(scopesAround(scope.site, scope.stream));
        default:
          return scope satisfies never;
      }
    },
    async put(one) {
      if ((await store.put(one)) === "full") return "full";
      await reload();
      return "kept";
    },
    async remove(scope) {
      await store.remove(scope);
      await reload();
    },
    close() {
      clearInterval(timer);
      unwatch();
    },
  };
}

const isSame = (a: ReadonlyMap<string, ScopedRule>, b: ReadonlyMap<string, ScopedRule>): boolean =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
