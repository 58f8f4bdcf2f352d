import type { Random } from "./random.ts";

/**
 * How a viewer's router treats what comes from outside. `open`: reachable, as with a mapping kept by UPnP; `mapped`: one outer
 * address whoever is called, so that both sides can punch through (RFC 4787, endpoint-independent mapping); `symmetric`:
 * another outer address for each that is called.
 */
export type Nat = "open" | "mapped" | "symmetric";
export const NATS = ["open", "mapped", "symmetric"] as const satisfies readonly Nat[];

/** Share of each class among viewers; they add up to 1. */
export type NatMix = Readonly<Record<Nat, number>>;

export const ALL_OPEN: NatMix = { open: 1, mapped: 0, symmetric: 0 };

/** Neither of two symmetric routers can tell the other where to send to: without TURN they never connect. */
export const canConnect = (a: Nat, b: Nat): boolean => a !== "symmetric" || b !== "symmetric";

/** Draws one viewer's class. */
export function drawNat(random: Random, mix: NatMix): Nat {
  let left = random();
  for (const nat of NATS) {
    left -= mix[nat];
    if (left < 0) return nat;
  }
  // Shares that add up to a little less than 1 by rounding.
  return "open";
}
