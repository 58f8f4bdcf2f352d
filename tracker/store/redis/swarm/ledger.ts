import * as v from "valibot";
import { DigestSchema, type SegmentDigests, type SegmentId } from "../../../protocol/index.ts";
import { claimFits, LEDGER_BLOCKS, LEDGER_SEGMENTS } from "../../../swarm/index.ts";
import type { SwarmStore } from "../../port.ts";
import type { Keys } from "../keys.ts";
import type { Settings } from "../options.ts";
import { readTexts } from "../replies.ts";
import type { RunScript } from "../scripts.ts";
import { StoreError } from "../store-error.ts";

/** Widths of what a record is made of; see `scripts/shared/ledger.lua`. */
const BYTES_LENGTH = 8;
const PEER_LENGTH = 22;
const DIGEST_LENGTH = 22;
const CONFLICT = "!";

const DigestsSchema = v.array(v.nullable(DigestSchema));

/** What viewers vouch for. The rules are those of `swarm/digest-ledger.ts`, in Lua: a claim must change a segment in one step. */
export function createLedger(settings: Settings, keys: Keys, run: RunScript): Pick<SwarmStore, "publish" | "digests"> {
  return {
    async publish(swarm, claim) {
      if (!claimFits(claim)) return;
      const bytes = String(claim.bytes).padStart(BYTES_LENGTH, "0");
      await run("publish", keys.all(swarm), [
        String(settings.leaseMs),
        claim.viewer,
        claim.segment,
        bytes,
        String(claim.from),
        claim.digests.join(""),
        String(LEDGER_SEGMENTS),
        String(LEDGER_BLOCKS),
      ]);
    },
    async digests(swarm, segments) {
      if (segments.length === 0) return [];
      const records = readTexts(await run("digests", keys.all(swarm), segments));
      return segments.map((segment, index) => verdictOf(segment, records[index] ?? null));
    },
  };
}

function verdictOf(segment: SegmentId, record: string | null): SegmentDigests {
  if (record === null) return { verdict: "unknown", segment };
  if (record === CONFLICT) return { verdict: "conflict", segment };
  const bytes = Number(record.slice(0, BYTES_LENGTH));
  const digests: (string | null)[] = [];
  for (let at = BYTES_LENGTH + PEER_LENGTH; at < record.length; at += DIGEST_LENGTH) {
    digests.push(record.slice(at, at + DIGEST_LENGTH).trim() || null);
  }
  const parsed = v.safeParse(DigestsSchema, digests);
  if (!parsed.success || !Number.isSafeInteger(bytes)) {
    throw new StoreError("unreadable", `Redis holds something else than digests for ${segment}`);
  }
  return { verdict: "agreed", segment, bytes, digests: parsed.output };
}
