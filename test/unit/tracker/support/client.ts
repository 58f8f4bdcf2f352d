import * as v from "valibot";
import { type ClientOptions, WebSocket } from "ws";
import {
  frameSignalTo,
  type Join,
  type PeerId,
  parseSignal,
  SIGNALLING_VERSION,
  type SignalFrame,
  type TrackerMessage,
  TrackerMessageSchema,
  type Welcome,
} from "../../../../tracker/protocol/index.ts";
import { sessionId, streamId } from "./values.ts";

type Kind = TrackerMessage["t"];
type Of<K extends Kind> = Extract<TrackerMessage, { t: K }>;

export type Client = {
  readonly socket: WebSocket;
  /** Everything received and not yet taken. Each JSON message was checked against the protocol's schema. */
  readonly waiting: readonly (TrackerMessage | SignalFrame)[];
  readonly send: (message: unknown) => void;
  readonly sendText: (text: string) => void;
  readonly signal: (peer: PeerId, payload: string) => void;
  /** The next message of a type, in the order in which they came; rejects when the socket closes first. */
  readonly next: <K extends Kind>(kind: K) => Promise<Of<K>>;
  readonly nextSignal: () => Promise<SignalFrame>;
  readonly join: (fields?: Partial<Join>) => Promise<Welcome>;
  /** Settles when the tracker has handled everything sent before: nothing more can come because of it. */
  readonly fence: () => Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly close: () => Promise<void>;
};

/** A viewer's socket, as a player would hold it, and strict about what it is told. */
export async function connectClient(
  url: string,
  headers: Record<string, string> = {},
  options: ClientOptions = {},
): Promise<Client> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, ...options });
  const waiting: (TrackerMessage | SignalFrame)[] = [];
  const wakers = new Set<() => void>();
  const wake = (): void => {
    for (const waker of [...wakers]) waker();
  };
  socket.on("message", (data, isBinary) => {
    const text = String(data);
    if (isBinary) throw new Error("the tracker sent a binary message");
    const signal = text.startsWith("<") ? parseSignal(text) : undefined;
    waiting.push(signal ?? v.parse(TrackerMessageSchema, JSON.parse(text)));
    wake();
  });
  let gone: { code: number; reason: string } | undefined;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      gone = { code, reason: reason.toString() };
      resolve(gone);
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.on("error", reject);
  });

  const take = <T>(pick: (message: TrackerMessage | SignalFrame) => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        for (const [index, message] of waiting.entries()) {
          const picked = pick(message);
          if (picked === undefined) continue;
          waiting.splice(index, 1);
          wakers.delete(look);
          resolve(picked);
          return;
        }
        if (!gone) return;
        wakers.delete(look);
        reject(new Error(`the socket closed with ${gone.code} before ${what} came`));
      };
      wakers.add(look);
      look();
    });
  const next = <K extends Kind>(kind: K): Promise<Of<K>> =>
    take((message) => ("t" in message && message.t === kind ? (message as Of<K>) : undefined), `"${kind}"`);
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  let fences = 0;

  return {
    socket,
    waiting,
    send,
    next,
    closed,
    sendText: (text) => socket.send(text),
    signal: (peer, payload) => socket.send(frameSignalTo(peer, payload)),
    nextSignal: () => take((message) => ("payload" in message ? message : undefined), "a signal"),
    async join(fields = {}) {
      send({
        t: "join",
        v: SIGNALLING_VERSION,
        stream: streamId("stream"),
        session: sessionId("session"),
        upload: "share",
        player: "test",
        ...fields,
      });
      return next("welcome");
    },
    async fence() {
      const segment = `fence-${fences++}`;
      send({ t: "ask", segments: [segment] });
      const isFence = (message: TrackerMessage | SignalFrame) =>
        "t" in message && message.t === "digests" && message.segments[0]?.segment === segment ? message : undefined;
      await take(isFence, "the fence");
    },
    async close() {
      socket.close();
      await closed;
    },
  };
}
