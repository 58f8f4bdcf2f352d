import type { Clock } from "../session/ports.ts";

export type Role = "caller" | "callee";

/**
 * When a link is helped by an ICE restart, in milliseconds. Most disconnections heal by themselves within a second or two. The
 * called side waits longer, because only the caller can offer and usually sees the same loss.
 */
export const RESTART = {
  graceMs: { caller: 1_500, callee: 4_000 },
  againMs: 5_000,
  most: 2,
  /** Least time between restarts for a changed network: interfaces come up one by one. */
  networkGapMs: 5_000,
} as const;

export type Restarter = {
  readonly iceState: (state: RTCIceConnectionState) => void;
  readonly networkChanged: () => void;
  readonly stop: () => void;
};

/**
 * Tries ICE restarts (RFC 8445 section 9) while a link is `disconnected`, and gives it up after that. simple-peer ends a link by
 * itself at `failed`, so `disconnected` is the only time to act. It has no restartIce, but `negotiate()` with the offer
 * option `iceRestart` does the same through the same signalling. That works while the tracker still knows one of the two; where
 * both lost its socket, the neighbour is reached no more, and the session finds new ones.
 */
export function createRestarter(options: {
  readonly role: Role;
  readonly clock: Clock;
  readonly restart: () => void;
  readonly giveUp: () => void;
  /** Nothing is heard from the other side; or it is heard again. */
  readonly onSilence: (silent: boolean) => void;
}): Restarter {
  const { clock, role } = options;
  let tries = 0;
  let cancel: (() => void) | undefined;
  let lastNetwork = Number.NEGATIVE_INFINITY;

  function attempt(): void {
    cancel = undefined;
    if (tries >= RESTART.most) {
      options.giveUp();
      return;
    }
    tries += 1;
    cancel = clock.after(RESTART.againMs, attempt);
    options.restart();
  }

  function healed(): void {
    cancel?.();
    cancel = undefined;
    tries = 0;
  }

  return {
    iceState(state) {
      const silent = state === "disconnected";
      if (silent) cancel ??= clock.after(RESTART.graceMs[role], attempt);
      else if (state === "connected" || state === "completed") healed();
      else return;
      options.onSilence(silent);
    },
    networkChanged() {
      const now = clock.now();
      if (now - lastNetwork < RESTART.networkGapMs) return;
      lastNetwork = now;
      options.restart();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
