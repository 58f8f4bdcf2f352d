import type { CdnFault } from "../../../../player/engine/types.ts";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import type { Cdn, CdnSource } from "../../../../player/session/ports.ts";

export const BLOCK = PEER_LIMITS.blockBytes;

/** Bytes that differ at every place near each other, so that a block put in the wrong place shows. */
export const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 255);

export type Outcome = {
  opened: { readonly bytes: number | undefined; readonly from: number } | undefined;
  runsOn: boolean | undefined;
  readonly blocks: [index: number, bytes: Uint8Array][];
  end: { readonly t: "done" } | { readonly t: "failed"; readonly fault: CdnFault } | undefined;
  stray: number;
  /** Events after the end, or in an order that the contract does not allow. */
  readonly wrong: string[];
};

export const sourceOf = (url: string, more: Partial<CdnSource> = {}): CdnSource => ({
  url,
  headers: {},
  withCredentials: false,
  firstByteMs: 10_000,
  totalMs: 20_000,
  ...more,
});

/** Starts a transfer and keeps all that it says. `onBlock` may abort. */
export function transfer(
  cdn: Cdn,
  source: CdnSource,
  from = 0,
  to?: number,
  hooks: { readonly onOpened?: () => void; readonly onBlock?: (index: number) => void } = {},
) {
  const outcome: Outcome = { opened: undefined, runsOn: undefined, blocks: [], end: undefined, stray: 0, wrong: [] };
  let resolve: (outcome: Outcome) => void = () => undefined;
  const ended = new Promise<Outcome>((done) => {
    resolve = done;
  });
  const check = (what: string, allowed: boolean): void => {
    if (outcome.end !== undefined || !allowed) outcome.wrong.push(what);
  };
  const running = cdn.get(source, from, to, {
    onOpened(bytes, first, runsOn) {
      check("opened", outcome.opened === undefined);
      outcome.opened = { bytes, from: first };
      outcome.runsOn = runsOn;
      hooks.onOpened?.();
    },
    onBlock(index, bytes) {
      check("block", outcome.opened !== undefined);
      outcome.blocks.push([index, bytes]);
      hooks.onBlock?.(index);
    },
    onDone(stray) {
      check("done", outcome.opened !== undefined);
      outcome.end = { t: "done" };
      outcome.stray = stray;
      resolve(outcome);
    },
    onFailed(fault, stray) {
      check("failed", true);
      outcome.end = { t: "failed", fault };
      outcome.stray = stray;
      resolve(outcome);
    },
  });
  return { running, ended, outcome };
}

/** Which blocks came, and whether each holds exactly its bytes of `segment`. */
export function blocksOf(outcome: Outcome, segment: Uint8Array): (number | string)[] {
  return outcome.blocks.map(([index, bytes]) =>
    Buffer.compare(bytes, segment.subarray(index * BLOCK, (index + 1) * BLOCK)) === 0 ? index : `${index} differs`,
  );
}
