import { lotOf } from "../access/keyed-hash.ts";
import type { Policy } from "../protocol/index.ts";
import { changeLink, type Giving, type Member, policyFor, samePolicy } from "../swarm/index.ts";
import type { Connection } from "./connection.ts";
import type { Context } from "./context.ts";
import { introduceTo } from "./introduce.ts";
import type { Viewer } from "./viewer.ts";

/** What a viewer is told now. */
export function policyOf(
  { config, policies }: Context,
  connection: Connection,
  viewer: Pick<Viewer, "stream" | "person">,
): Policy {
  const terms = policies.terms(config.site, viewer.stream);
  // Where nobody is held out no lot is drawn.
  const lot = terms.holdoutShare > 0 ? lotOf(config.swarmSecret, config.site, viewer.person) : 1;
  const policy = policyFor(terms, lot, connection.subnet()?.most);
  if (lastTold === undefined || !samePolicy(policy, lastTold)) lastTold = policy;
  return lastTold;
}

/** Most viewers are told the same, and need no copy of their own. */
let lastTold: Policy | undefined;

/** How a viewer stands in its swarm: where it is, and whether it gives, as it would and may. */
export function standingUnder(
  connection: Connection,
  policy: Policy,
  wish: Giving,
): Pick<Member, "locality" | "giving"> {
  const group = connection.subnet()?.group;
  return {
    locality: group === undefined ? connection.locality : { ...connection.locality, group },
    giving: policy.mode === "share" ? wish : "receive",
  };
}

/** Viewers whose place in the swarm is changed at once, where a policy changes it for many. */
const AT_ONCE = 32;

/** Brings those connected in line with the policy whenever it may have changed. */
export type PolicyNews = { readonly touch: () => void };

export function createPolicyNews(context: Context): PolicyNews {
  const { registry } = context;
  let running = false;
  let again = false;

  const run = async (): Promise<void> => {
    // All are told before any is moved: the store may be slow, and a switch that is off must be off.
    for (const connection of registry.connections()) tellPolicy(context, connection);
    const left = [...registry.connections()];
    const movers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.pop(); next; next = left.pop()) await takePlace(context, next);
    });
    await Promise.all(movers);
  };
  const touch = (): void => {
    again = true;
    if (running) return;
    running = true;
    void (async () => {
      while (again) {
        again = false;
        await run();
      }
      running = false;
    })();
  };
  return { touch };
}

/** Tells one viewer its policy if it is another than before. */
function tellPolicy(context: Context, connection: Connection): void {
  const viewer = connection.viewer();
  if (!viewer) return;
  const policy = policyOf(context, connection, viewer);
  if (samePolicy(policy, viewer.policy)) return;
  viewer.policy = policy;
  connection.send({ t: "policy", policy });
}

/**
 * Makes the swarm agree with a viewer's policy and wish: who is off is no member, and a member's entry says where it is and what it
 * gives. A viewer that is let in gets neighbours to call. Nothing happens when all is as it should be. Never rejects.
 */
export async function takePlace(context: Context, connection: Connection): Promise<void> {
  const { store, registry, sizeNews } = context;
  const viewer = connection.joined();
  // One that is joining comes here by itself once it has joined.
  if (!viewer) return;
  const member: Member = { ...viewer.member, ...standingUnder(connection, viewer.policy, viewer.wish) };
  const wasIn = registry.isMember(viewer);
  try {
    if (viewer.policy.mode === "off") {
      if (!wasIn) return;
      registry.quit(viewer);
      await store.leave(viewer.swarm, member.id);
    } else {
      if (wasIn && stands(member, viewer.member)) return;
      recount(context, viewer, member.giving);
      viewer.member = member;
      registry.enter(connection, viewer);
      const { size, candidates } = await store.join(viewer.swarm, member);
      if (connection.stage() === "closed") return await store.leave(viewer.swarm, member.id);
      if (!wasIn) {
        const { neighbours } = await introduceTo(context, viewer, candidates, context.config.neighbours);
        connection.send({ t: "neighbours", size, neighbours: [...neighbours] });
      }
    }
    sizeNews.touch(viewer.swarm);
  } catch (error) {
    // The next renewal of leases brings back a member that the store lacks; one that it has too many ends with its lease.
    context.failures.note("policy", error);
  }
}

/** Neighbours on this process have counted what the viewer gave until now. */
function recount({ registry }: Context, { introductions, member }: Viewer, giving: Giving): void {
  for (const peer of introductions.keys()) {
    const other = registry.find(peer)?.viewer();
    if (other?.introductions.has(member.id)) changeLink(other.links, member.giving, giving);
  }
}

const stands = (a: Member, b: Member): boolean => a.giving === b.giving && a.locality.group === b.locality.group;
