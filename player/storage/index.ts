import { browserPlatform, findPlace, type Platform } from "./place.ts";
import { createTier, type DiskTier } from "./tier.ts";

export { DISK_LIMITS } from "./limits.ts";
export type { Platform } from "./place.ts";
export type { DiskTier, PutRefusal, PutResult } from "./tier.ts";

export type DiskTierOptions = {
  /** Most bytes to keep. A browser with little room keeps fewer. */
  readonly capBytes: number;
  /** Default: the browser's own. */
  readonly platform?: Platform;
};

/**
 * Opens this session's part of the disk and removes what sessions that crashed have left there. Asks the viewer nothing.
 * Undefined where the browser has no place: no secure context, storage forbidden to the frame, an old browser, or too little room.
 * Never rejects.
 */
export async function openDiskTier({ capBytes, platform }: DiskTierOptions): Promise<DiskTier | undefined> {
  try {
    const place = await findPlace(platform ?? browserPlatform());
    return place && createTier(place, Math.min(capBytes, place.roomBytes));
  } catch {
    // A browser without the APIs, or one that forbids them here, is like one without room.
    return undefined;
  }
}
