import type { CdnFault, FillReport, Millis } from "../engine/types.ts";
import type { SegmentKey } from "../protocol/index.ts";
import type { CdnProgress } from "./cdn-side.ts";
import type { Cdn, CdnSource, Clock } from "./ports.ts";

export type DirectLoadEvents = {
  readonly onProgress: (held: number, bytes: number | undefined) => void;
  readonly onDone: (data: ArrayBuffer, report: FillReport) => void;
  readonly onFailed: (fault: CdnFault) => void;
  /** Bytes that crossed the wire, told once when the load is over, however it ended; `played` of them are delivered. */
  readonly onBytes: (bytes: number, played: number) => void;
};

export type DirectLoad = { readonly abort: () => void; readonly progress: () => CdnProgress };

/** Loads a whole segment from the CDN past the engine: what remains of Shoal once it has switched itself off. */
export function loadDirectly(
  cdn: Cdn,
  clock: Pick<Clock, "now">,
  key: SegmentKey,
  source: CdnSource,
  events: DirectLoadEvents,
): DirectLoad {
  const askedAt = clock.now();
  const blocks: Uint8Array[] = [];
  let size: number | undefined;
  let held = 0;
  let openedAt: Millis | undefined;

  const transfer = cdn.get(source, 0, undefined, {
    onOpened: (bytes) => {
      openedAt = clock.now();
      size = bytes;
    },
    onBlock: (index, bytes) => {
      blocks[index] = bytes;
      held += bytes.byteLength;
      events.onProgress(held, size);
    },
    onDone: (stray) => {
      events.onBytes(held + stray, held);
      const ms = clock.now() - askedAt;
      events.onDone(join(blocks), {
        key,
        bytes: held,
        cdnBytes: held,
        peerBytes: 0,
        relayBytes: 0,
        peers: new Map(),
        reason: "p2pOff",
        tookMs: ms,
        cdnTransfer: { bytes: held, ms, firstByteMs: (openedAt ?? askedAt) - askedAt },
      });
    },
    onFailed: (fault, stray) => {
      events.onBytes(held + stray, 0);
      events.onFailed(fault);
    },
  });
  return {
    abort: () => events.onBytes(held + transfer.abort().stray, 0),
    progress: () => ({ openedAt, bytes: held }),
  };
}

/** Blocks copied into one buffer of their own: hls.js may transfer it to a worker, which empties it for everybody else. */
export function join(blocks: readonly Uint8Array[]): ArrayBuffer {
  const bytes = blocks.reduce((sum, block) => sum + block.byteLength, 0);
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.byteLength;
  }
  return whole.buffer;
}
