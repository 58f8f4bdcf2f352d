import type { Reach } from "../../tracker/protocol/index.ts";
import type { LinkPath } from "../engine/types.ts";

/** Of a single link through this side's TURN server the other's network may be the cause. */
const TELLING_LINKS = 2;

/** What the links there are now say of this viewer's own network; undefined while they say nothing. */
export function reachOf(links: readonly LinkPath[]): Reach | undefined {
  if (links.some((path) => path !== "own-relay")) return "direct";
  return links.length >= TELLING_LINKS ? "relayed" : undefined;
}
