import type { Core } from "./core.ts";
import { fraction } from "./hash.ts";
import type { Segment } from "./segment.ts";

/** The block that this viewer asks for first; others begin elsewhere, so that neighbours soon have different blocks to give. */
export const pullOrderStart = (core: Core, seg: Segment): number =>
  Math.floor(fraction(`${core.self ?? ""}${seg.id}`) * seg.blocks.length);
