import * as v from "valibot";
import { createLink } from "../store/redis/connection/link.ts";
import { type RedisStoreOptions, settingsOf } from "../store/redis/options.ts";
import { readNumber, readTexts } from "../store/redis/replies.ts";
import { MAX_RULES, type RuleStore, type ScopedRule, ScopedRuleSchema } from "./rules.ts";
import { scopeKey } from "./scope.ts";

/** Time between two looks at the rules, in milliseconds: a change is to be everywhere within a second. */
const LOOK_MS = 700;

/**
 * Rules in Redis, one hash for all: `<prefix>:{policy}:rules`. Every process looks at them again and again, which a kill switch may
 * rely on more than on a message that can be lost.
 */
export function createRedisRules(options: RedisStoreOptions): RuleStore & { readonly close: () => void } {
  const settings = settingsOf(options);
  const link = createLink(settings);
  const key = `${settings.prefix}:{policy}:rules`;
  const run = (command: string, ...args: readonly string[]): Promise<unknown> =>
    link.send(key, [command, key, ...args]);
  return {
    async load() {
      return readTexts(await run("HVALS")).flatMap((text) => ruleIn(text) ?? []);
    },
    async put(one) {
      const field = scopeKey(one.scope);
      // Two processes that add their last one at once may go one beyond the cap, which hurts nobody.
      const there = readNumber(await run("HEXISTS", field)) === 1;
      if (!there && readNumber(await run("HLEN")) >= MAX_RULES) return "full";
      await run("HSET", field, JSON.stringify(one));
      return "kept";
    },
    async remove(scope) {
      await run("HDEL", scopeKey(scope));
    },
    watch(changed) {
      const timer = setInterval(changed, LOOK_MS);
      return () => clearInterval(timer);
    },
    close: link.close,
  };
}

/** `undefined` for what a tracker of another version wrote. */
function ruleIn(text: string | null): ScopedRule | undefined {
  try {
    const parsed = v.safeParse(ScopedRuleSchema, JSON.parse(text ?? ""));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Not JSON, so not ours.
    return undefined;
  }
}
