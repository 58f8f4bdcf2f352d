import type { Clock } from "../session/ports.ts";
import type { RtcPeer } from "./peer.ts";

/** Watermarks of one link's send buffer, in bytes. */
export const FLOW = {
  /**
   * At or below this the link is writable again. Next to nothing: the engine shares one uplink among all links, and has to know
   * what still waits in them.
   */
  lowBytes: 16 * 1024,
  /** Nothing more is taken above this. Browsers give up at 16 MiB, and native bindings lose messages silently there. */
  hardBytes: 1024 * 1024,
  /** How often the buffer is looked at where no event tells that it fell, in milliseconds. */
  pollMs: 10,
} as const;

export type Flow = {
  /** False when the buffer is too full or the link is broken; `onWritable` follows in the first case. */
  readonly send: (bytes: Uint8Array) => boolean;
  readonly stop: () => void;
};

/**
 * The one owner of a link's sends. After each `send`, taken or not, `onWritable` follows as soon as next to
 * nothing waits: at once when little was sent (in a microtask, one for all sends of the same turn), else when the buffer has drained.
 */
export function createFlow(options: {
  readonly peer: Pick<RtcPeer, "send" | "buffered" | "onLow">;
  readonly clock: Clock;
  readonly onWritable: () => void;
  /** The channel refused to send: the link is of no more use. */
  readonly onBroken: () => void;
}): Flow {
  const { peer, clock } = options;
  let stopped = false;
  let owed = false;
  let soon = false;
  let cancelPoll: (() => void) | undefined;
  // Bytes sent that `buffered` does not show yet: @roamhq/wrtc brings it up to date only in a later turn of the event loop.
  let unseen = 0;
  let polls = 0;

  const pay = (): void => {
    if (stopped || !owed || queued() > FLOW.lowBytes) return;
    owed = false;
    options.onWritable();
  };
  const told = peer.onLow(FLOW.lowBytes, pay);

  function queued(): number {
    return peer.buffered() + unseen;
  }

  function poll(): void {
    cancelPoll = undefined;
    polls += 1;
    // The first poll may still run ahead of the binding's news.
    if (polls >= 2) unseen = 0;
    pay();
    if (owed && !stopped) cancelPoll = clock.after(FLOW.pollMs, poll);
  }

  /** Sees to it that `pay` is called once the buffer is low. */
  function owe(): void {
    owed = true;
    if (queued() <= FLOW.lowBytes) {
      if (soon) return;
      soon = true;
      queueMicrotask(() => {
        soon = false;
        pay();
      });
    }
    if (!told) {
      polls = 0;
      cancelPoll ??= clock.after(FLOW.pollMs, poll);
    }
  }

  return {
    send(bytes) {
      if (stopped) return false;
      if (queued() + bytes.byteLength > FLOW.hardBytes) {
        owe();
        return false;
      }
      const before = peer.buffered();
      try {
        peer.send(bytes);
      } catch {
        options.onBroken();
        return false;
      }
      if (!told) unseen += Math.max(0, bytes.byteLength - (peer.buffered() - before));
      owe();
      return true;
    },
    stop() {
      stopped = true;
      cancelPoll?.();
    },
  };
}
