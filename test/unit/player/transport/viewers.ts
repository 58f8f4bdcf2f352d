import { createRequire } from "node:module";
import type { LinkPath } from "../../../../player/engine/types.ts";
import type { Clock } from "../../../../player/session/ports.ts";
import { createMesh, type MeshOptions } from "../../../../player/transport/index.ts";
import type { Nearness, Neighbour, PeerId } from "../../../../tracker/protocol/index.ts";
import { realClock } from "./clocks.ts";

const require = createRequire(import.meta.url);
export type NativeChannel = { send: (data: unknown) => void; readonly bufferedAmount: number };
/** As much of the native binding as tests take hold of; its own types are not those of the browser. */
export type NativeConnection = {
  getStats(): Promise<unknown>;
  close(): void;
  createDataChannel(...args: readonly unknown[]): NativeChannel;
};
export const wrtc = require("@roamhq/wrtc") as {
  readonly RTCPeerConnection: new (config: RTCConfiguration) => NativeConnection;
};

/** A peer id of the right form that ends in `name`. */
export const peerId = (name: string): PeerId => `node${name.padStart(18, "-")}` as PeerId;
export const neighbour = (name: string, near: Nearness = "lan"): Neighbour => ({
  id: peerId(name),
  near,
  upload: "share",
});

export type Seen =
  | { readonly t: "open"; readonly peer: PeerId; readonly near: Nearness; readonly path: LinkPath }
  | { readonly t: "closed"; readonly peer: PeerId }
  | { readonly t: "message"; readonly peer: PeerId; readonly bytes: Uint8Array }
  | { readonly t: "writable"; readonly peer: PeerId };

/** A signalling service in memory, and viewers on it. */
export function createSignalling() {
  const viewers = new Map<PeerId, Viewer>();
  const log: { from: PeerId; to: PeerId; payload: string }[] = [];
  const listeners = new Set<() => void>();
  /** What may be done to a signal on its way: `false` loses it. */
  let pass: (from: PeerId, to: PeerId, payload: string) => boolean = () => true;

  function viewer(name: string, options: Partial<MeshOptions> & { readonly clock?: Clock } = {}): Viewer {
    const id = peerId(name);
    const seen: Seen[] = [];
    const waiting: { test: (seen: readonly Seen[]) => boolean; resolve: () => void }[] = [];
    const note = (event: Seen): void => {
      seen.push(event);
      for (const wait of waiting.splice(0)) {
        if (wait.test(seen)) wait.resolve();
        else waiting.push(wait);
      }
    };
    const mesh = createMesh({
      maxLinks: 8,
      clock: realClock,
      wrtc,
      ...options,
      events: {
        onSignal(to, payload) {
          log.push({ from: id, to, payload });
          for (const listener of listeners) listener();
          // Like the tracker: in order, and never from inside the sender's own call.
          queueMicrotask(() => {
            if (pass(id, to, payload)) viewers.get(to)?.mesh.signal(id, payload);
          });
        },
        onOpen: (peer, near, path) => note({ t: "open", peer, near, path }),
        onClosed: (peer) => note({ t: "closed", peer }),
        onMessage: (peer, bytes) => note({ t: "message", peer, bytes }),
        onWritable: (peer) => note({ t: "writable", peer }),
        onSilence: () => undefined,
      },
    });
    const made: Viewer = {
      id,
      mesh,
      seen,
      until: (test) =>
        test(seen) ? Promise.resolve() : new Promise((resolve) => void waiting.push({ test, resolve })),
      saw: (t) => made.until((all) => all.some((event) => event.t === t)),
      count: (t) => seen.filter((event) => event.t === t).length,
    };
    viewers.set(id, made);
    return made;
  }

  const kinds = (from: PeerId): string[] =>
    log.filter((entry) => entry.from === from).map((entry) => JSON.parse(entry.payload).kind);

  return {
    viewer,
    log,
    kinds,
    /** Waits until `from` has sent so many signals of a kind. */
    sent: (from: PeerId, kind: string, times = 1): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (kinds(from).filter((k) => k === kind).length < times) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    filter(test: typeof pass) {
      pass = test;
    },
    close() {
      for (const { mesh } of viewers.values()) mesh.close();
      viewers.clear();
    },
  };
}

export type Viewer = {
  readonly id: PeerId;
  readonly mesh: ReturnType<typeof createMesh>;
  readonly seen: readonly Seen[];
  /** Waits until what was seen so far passes `test`. */
  readonly until: (test: (seen: readonly Seen[]) => boolean) => Promise<void>;
  readonly saw: (t: Seen["t"]) => Promise<void>;
  readonly count: (t: Seen["t"]) => number;
};

/** Introduces `b` to `a`, and waits until both have the link. */
export async function connect(a: Viewer, b: Viewer): Promise<void> {
  b.mesh.expect(neighbour("a"));
  a.mesh.call(neighbour("b"));
  await Promise.all([a.saw("open"), b.saw("open")]);
}

/** Lets everything queued in microtasks happen. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A viewer's WebRTC that tells what data channels it has made. */
export function tapped() {
  const channels: NativeChannel[] = [];
  class Tapped extends wrtc.RTCPeerConnection {
    override createDataChannel(...args: readonly unknown[]): NativeChannel {
      const channel = super.createDataChannel(...args);
      channels.push(channel);
      return channel;
    }
  }
  return { channels, wrtc: { ...wrtc, RTCPeerConnection: Tapped } };
}
