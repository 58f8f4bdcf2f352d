import type { SwarmStore } from "../port.ts";
import { createLink } from "./connection/link.ts";
import { keysUnder } from "./keys.ts";
import { createPostOffice } from "./mail/post-office.ts";
import { type RedisStoreOptions, settingsOf } from "./options.ts";
import { createRunner } from "./scripts.ts";
import { createLedger } from "./swarm/ledger.ts";
import { createMembership } from "./swarm/membership.ts";

export type { RedisLimits, RedisPlace, RedisStoreOptions } from "./options.ts";
export { StoreError, type StoreTrouble } from "./store-error.ts";

/**
 * Swarms in Redis 7 or newer, or a Redis Cluster, shared by any number of tracker processes. It begins to connect at once and
 * goes on for as long as it takes; `ready` tells when calls can succeed. Calls reject with a `StoreError`, at the latest after
 * a second.
 *
 * @throws RangeError for options that cannot be right
 */
export function createRedisStore(options: RedisStoreOptions): SwarmStore {
  const settings = settingsOf(options);
  const keys = keysUnder(settings.prefix);
  const link = createLink(settings);
  const run = createRunner(link);
  const postOffice = createPostOffice({ settings, keys, link, run });
  return {
    kind: "shared",
    ...createMembership(settings, keys, link, run),
    ...createLedger(settings, keys, run),
    attach: postOffice.attach,
    detach: postOffice.detach,
    post: postOffice.post,
    isAttached: postOffice.isAttached,
    isAlone: () => false,
    async ready() {
      const state = link.state();
      return state === "ready" ? postOffice.state() : state;
    },
    async close() {
      await postOffice.close();
      link.close();
    },
  };
}
