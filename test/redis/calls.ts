import { StoreError, type SwarmStore } from "../../tracker/store/index.ts";
import { digest, member, peerId, segmentId, swarmId } from "../unit/tracker/support/values.ts";

export const HERE = swarmId("here");
export const node = (name: string) => peerId("any", name).slice(0, 4) as Parameters<SwarmStore["attach"]>[0];
const claim = { viewer: peerId("a"), segment: segmentId("s"), bytes: 9, from: 0, digests: [digest("d")] };

/** One of each call that goes to Redis. */
export const CALLS: Readonly<Record<string, (store: SwarmStore) => Promise<unknown>>> = {
  attach: (store) => store.attach(node("new1"), () => undefined),
  join: (store) => store.join(HERE, member("x")),
  leave: (store) => store.leave(HERE, peerId("x")),
  candidates: (store) => store.candidates(HERE, member("x")),
  size: (store) => store.size(HERE),
  lookup: (store) => store.lookup(HERE, peerId("x")),
  renew: (store) => store.renew(HERE, [peerId("x")]),
  post: (store) => store.post({ kind: "gone", to: peerId("x", "two2"), peer: peerId("y") }),
  publish: (store) => store.publish(HERE, claim),
  digests: (store) => store.digests(HERE, [claim.segment]),
};

export type Refusal = { readonly reason: StoreError["reason"] | "none" | "other"; readonly ms: number };

/** Makes a call, and says why it was rejected, if it was, and how long that took. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const start = performance.now();
  const reason = await call.then(
    () => "none" as const,
    (error: unknown) => (error instanceof StoreError ? error.reason : "other"),
  );
  return { reason, ms: performance.now() - start };
}

/** Makes each of the calls at once. */
export async function refusals(store: SwarmStore): Promise<Record<string, Refusal>> {
  const made = Object.entries(CALLS).map(async ([name, call]) => [name, await refusalOf(call(store))] as const);
  return Object.fromEntries(await Promise.all(made));
}
