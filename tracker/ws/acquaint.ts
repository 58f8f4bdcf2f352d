import type { PeerId, Upload } from "../protocol/index.ts";
import { acquaintance, addLink, introduce } from "../swarm/index.ts";
import type { Viewer } from "./viewer.ts";

/** Notes at one side of an introduction who the other is. Of two who knew each other already the link is counted already. */
export function meet(viewer: Viewer, other: { readonly id: PeerId; readonly upload: Upload }, now: number): void {
  if (acquaintance(viewer.introductions, other.id, now) === "stranger") addLink(viewer.links, other.upload);
  introduce(viewer.introductions, other.id, now);
}
