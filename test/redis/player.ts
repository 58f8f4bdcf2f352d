import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createTrackerLink, type Socket } from "../../player/transport/index.ts";
import { SIGNALLING_VERSION, type Welcome } from "../../tracker/protocol/index.ts";
import { sessionId, streamId } from "../unit/tracker/support/values.ts";

/** A viewer's connection to the tracker as the player keeps it: it comes back by itself, as who it was. */
export type Player = {
  readonly welcomes: readonly Welcome[];
  readonly states: readonly string[];
  /** When it was up or down, in milliseconds. */
  readonly changedAt: readonly number[];
};

export function openPlayer(port: number, name: string): Player {
  const welcomes: Welcome[] = [];
  const states: string[] = [];
  const changedAt: number[] = [];
  const link = createTrackerLink({
    url: `ws://127.0.0.1:${port}/v1/signal`,
    clock: {
      now: () => performance.now(),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
    random: Math.random,
    open: (url) => new WebSocket(url) as unknown as Socket,
    events: {
      join: () => ({
        t: "join",
        v: SIGNALLING_VERSION,
        stream: streamId("players"),
        session: sessionId(name),
        upload: "share",
        player: "test",
        resume: welcomes.at(-1)?.resume,
        have: 0,
      }),
      onMessage: (message) => {
        if (message.t === "welcome") welcomes.push(message);
      },
      onSignal: () => undefined,
      onState: (state, detail) => {
        states.push(`${state} ${detail}`.trim());
        changedAt.push(performance.now());
      },
    },
  });
  link.join();
  onTestFinished(() => link.close());
  return { welcomes, states, changedAt };
}
