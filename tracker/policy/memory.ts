import { MAX_RULES, type RuleStore, type ScopedRule } from "./rules.ts";
import { scopeKey } from "./scope.ts";

/** Rules in this process's memory: they end with it. */
export function createMemoryRules(): RuleStore {
  const rules = new Map<string, ScopedRule>();
  return {
    load: async () => [...rules.values()],
    async put(one) {
      const key = scopeKey(one.scope);
      if (!rules.has(key) && rules.size >= MAX_RULES) return "full";
      rules.set(key, one);
      return "kept";
    },
    async remove(scope) {
      rules.delete(scopeKey(scope));
    },
    watch: () => () => undefined,
  };
}
