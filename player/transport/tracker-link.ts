import * as v from "valibot";
import {
  CLOSE_CODES,
  FINAL_CLOSE_CODES,
  frameSignalTo,
  isSignalFrom,
  LIMITS,
  parseSignal,
  type TrackerMessage,
  TrackerMessageSchema,
} from "../../tracker/protocol/index.ts";
import type { Clock, TrackerLink, TrackerLinkEvents } from "../session/ports.ts";
import { BACKOFF, createBackoff } from "./backoff.ts";

/** What is used of a WebSocket; the browser's and that of `ws` fit. */
export type Socket = {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: (() => void) | null;
  readonly bufferedAmount: number;
  readonly send: (text: string) => void;
  readonly close: (code?: number) => void;
};

export type TrackerLinkOptions = {
  /** From `signalUrl`. */
  readonly url: string;
  readonly clock: Clock;
  /** 0 to 1; spreads the reconnections of many viewers. */
  readonly random: () => number;
  readonly events: TrackerLinkEvents;
  /** The first attempt to connect waits for this, which must not break: a viewer whom nobody was introduced to makes no link. */
  readonly after?: Promise<unknown> | undefined;
  /** The browser's WebSocket unless given. */
  readonly open?: (url: string) => Socket;
};

/** From the attempt to connect to `welcome`, in milliseconds; then the socket is taken for dead. */
export const WELCOME_MS = 15_000;
/** Bytes that may wait in the socket; more is refused. */
export const SOCKET_BYTES = 1024 * 1024;

const TOO_BUSY: ReadonlySet<number> = new Set([CLOSE_CODES.rateLimited, CLOSE_CODES.full]);

/** Keeps one WebSocket to the tracker. `ignored` counts messages that were none of the protocol's. */
export function createTrackerLink(options: TrackerLinkOptions): TrackerLink & { readonly ignored: () => number } {
  const { clock, events, open = openBrowserSocket } = options;
  const backoff = createBackoff(options.random);
  let socket: Socket | undefined;
  let joining = false;
  /** A connection that has said nothing yet. */
  let silent: Socket | undefined;
  let welcomeAt: number | undefined;
  let told: "down" | undefined;
  let cancelTimer: () => void = () => undefined;
  let ignored = 0;
  let closed = false;

  function connect(): void {
    let mine: Socket;
    try {
      mine = open(options.url);
    } catch (error) {
      // A page on https may not open ws://, and a policy may forbid the host: the next try would end the same way.
      refuse(error instanceof Error ? error.message : String(error));
      return;
    }
    socket = mine;
    mine.onopen = () => {
      silent = mine;
      if (joining) join();
    };
    mine.onmessage = (event) => {
      if (mine === socket) receive(event.data);
    };
    mine.onclose = (event) => {
      if (mine === socket) lost(event.code, event.reason);
    };
    // `close` follows every error and says more. A handler must be there: `ws` throws an error that nobody hears.
    mine.onerror = () => undefined;
    cancelTimer = clock.after(WELCOME_MS, () => {
      detach(mine);
      lost(0, "no welcome in time");
    });
  }

  function join(): void {
    joining = true;
    const mine = silent;
    silent = undefined;
    mine?.send(JSON.stringify(events.join()));
  }

  /** Lets go of a socket for good; none of its events is heard any more. */
  function detach(old: Socket): void {
    old.onopen = null;
    old.onmessage = null;
    old.onclose = null;
    old.close();
  }

  function lost(code: number, reason: string): void {
    cancelTimer();
    socket = undefined;
    silent = undefined;
    const detail = reason === "" ? `closed with code ${code}` : reason;
    if (FINAL_CLOSE_CODES.has(code)) {
      refuse(detail);
      return;
    }
    if (welcomeAt !== undefined && clock.now() - welcomeAt >= BACKOFF.steadyMs) backoff.reset();
    const atLeast = TOO_BUSY.has(code) ? BACKOFF.refusedMs : welcomeAt === undefined ? 0 : BACKOFF.spreadMs;
    welcomeAt = undefined;
    cancelTimer = clock.after(backoff.next(atLeast), connect);
    if (told === "down") return;
    told = "down";
    events.onState("down", detail);
  }

  function refuse(detail: string): void {
    closed = true;
    welcomeAt = undefined;
    events.onState("refused", detail);
  }

  function receive(data: unknown): void {
    // In UTF-16 units, which are never more than the bytes.
    if (typeof data !== "string" || data.length > LIMITS.messageBytes) {
      ignored += 1;
      return;
    }
    if (isSignalFrom(data)) {
      const signal = parseSignal(data);
      if (signal === undefined) ignored += 1;
      else events.onSignal(signal.peer, signal.payload);
      return;
    }
    const message = parseMessage(data);
    if (message === undefined) {
      ignored += 1;
      return;
    }
    if (message.t === "welcome" && welcomeAt === undefined) {
      cancelTimer();
      welcomeAt = clock.now();
      told = undefined;
      events.onState("up", "");
    }
    if (!closed) events.onMessage(message);
  }

  function say(text: string): boolean {
    if (socket === undefined || welcomeAt === undefined || socket.bufferedAmount > SOCKET_BYTES) return false;
    socket.send(text);
    return true;
  }

  // Not at once: the caller has no link yet to which an event could refer.
  void Promise.resolve(options.after).then(() => {
    if (!closed) connect();
  });

  return {
    join,
    send: (message) => say(JSON.stringify(message)),
    signal: (to, payload) => say(frameSignalTo(to, payload)),
    close() {
      closed = true;
      cancelTimer();
      if (socket !== undefined) detach(socket);
      socket = undefined;
      silent = undefined;
    },
    ignored: () => ignored,
  };
}

function openBrowserSocket(url: string): Socket {
  // The DOM's type asks its handlers to take `this`, which these do not.
  return new WebSocket(url) as unknown as Socket;
}

function parseMessage(text: string): TrackerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(TrackerMessageSchema, value);
  return result.success ? result.output : undefined;
}
