import { describe } from "vitest";
import { digests } from "./store/digests.ts";
import { leases } from "./store/leases.ts";
import { mail } from "./store/mail.ts";
import { matching } from "./store/matching.ts";
import { membership } from "./store/membership.ts";
import { processes } from "./store/processes.ts";
import type { Create } from "./store/setting.ts";

export type { Create, StoreUnderTest } from "./store/setting.ts";

/** What every store must do, whatever it is made of. `create` gives an empty one for each test and ends it with the test. */
export function describeStore(name: string, create: Create): void {
  describe(`${name} as a swarm store`, () => {
    membership(create);
    matching(create);
    leases(create);
    processes(create);
    mail(create);
    digests(create);
  });
}
