import { type Digest, LIMITS, type PeerId, type SegmentDigests, type SegmentId } from "../protocol/index.ts";

/** Segments that one swarm's ledger remembers; the least recently used goes first. An hour of two renditions at 4 s. */
export const LEDGER_SEGMENTS = 2048;
/** Blocks over all segments of one ledger: 2 GiB of media at 64 KiB a block. */
export const LEDGER_BLOCKS = 32 * 1024;

/** What one viewer vouches for: the digests of consecutive blocks of one segment, from block `from` on. */
export type DigestClaim = {
  readonly viewer: PeerId;
  readonly segment: SegmentId;
  /** Size of the whole segment in bytes. */
  readonly bytes: number;
  readonly from: number;
  readonly digests: readonly Digest[];
};

/** False when a claim speaks of blocks beyond `LIMITS.blocksPerSegment`; a ledger takes no such claim. */
export const claimFits = (claim: Pick<DigestClaim, "from" | "digests">): boolean =>
  claim.from + claim.digests.length <= LIMITS.blocksPerSegment;

type BlockClaim = { readonly digest: Digest; readonly viewer: PeerId };
type Entry =
  | { readonly kind: "agreed"; readonly bytes: number; readonly viewer: PeerId; readonly blocks: (BlockClaim | null)[] }
  | { readonly kind: "conflict" };

/** Which digests the viewers of one swarm vouch for. */
export type DigestLedger = {
  /**
   * Notes a claim. The first word on a block (and on the segment's size) stands: the same viewer saying otherwise later is
   * ignored, another viewer saying otherwise makes the segment a conflict, which stays.
   */
  readonly claim: (claim: DigestClaim) => void;
  readonly verdict: (segment: SegmentId) => SegmentDigests;
  /** Segments and blocks held now, never above the caps. */
  readonly held: () => { readonly segments: number; readonly blocks: number };
};

export function createDigestLedger(caps = { segments: LEDGER_SEGMENTS, blocks: LEDGER_BLOCKS }): DigestLedger {
  const entries = new Map<SegmentId, Entry>();
  let blocks = 0;

  const put = (segment: SegmentId, entry: Entry): void => {
    remove(segment);
    entries.set(segment, entry);
    blocks += weight(entry);
    for (const [oldest] of entries) {
      if (oldest === segment || (entries.size <= caps.segments && blocks <= caps.blocks)) break;
      remove(oldest);
    }
  };
  const remove = (segment: SegmentId): void => {
    const entry = entries.get(segment);
    if (!entry) return;
    entries.delete(segment);
    blocks -= weight(entry);
  };

  return {
    claim(claim) {
      if (claimFits(claim)) put(claim.segment, merged(entries.get(claim.segment), claim));
    },
    verdict(segment) {
      const entry = entries.get(segment);
      if (!entry) return { verdict: "unknown", segment };
      put(segment, entry);
      if (entry.kind === "conflict") return { verdict: "conflict", segment };
      return {
        verdict: "agreed",
        segment,
        bytes: entry.bytes,
        digests: entry.blocks.map((block) => block?.digest ?? null),
      };
    },
    held: () => ({ segments: entries.size, blocks }),
  };
}

const weight = (entry: Entry): number => (entry.kind === "agreed" ? entry.blocks.length : 0);

function merged(entry: Entry | undefined, claim: DigestClaim): Entry {
  if (entry?.kind === "conflict") return entry;
  if (entry && entry.bytes !== claim.bytes) return entry.viewer === claim.viewer ? entry : { kind: "conflict" };
  const blocks = entry ? [...entry.blocks] : [];
  while (blocks.length < claim.from + claim.digests.length) blocks.push(null);
  for (const [offset, digest] of claim.digests.entries()) {
    const block = blocks[claim.from + offset];
    if (!block) blocks[claim.from + offset] = { digest, viewer: claim.viewer };
    else if (block.digest !== digest && block.viewer !== claim.viewer) return { kind: "conflict" };
  }
  return { kind: "agreed", bytes: entry?.bytes ?? claim.bytes, viewer: entry?.viewer ?? claim.viewer, blocks };
}
