import type { WebSocket } from "ws";
import {
  CLOSE_CODES,
  type CloseReason,
  type ErrorCode,
  type PeerId,
  type TrackerMessage,
  type Welcome,
} from "../protocol/index.ts";
import type { Audience } from "../samples/audience.ts";
import type { Locality } from "../swarm/index.ts";
import { cutSocketSoon } from "./cut-socket.ts";
import type { Viewer } from "./viewer.ts";

/**
 * `waiting` for a join; `joining` while the store is asked, with what others sent meanwhile held back until the `welcome`;
 * `joined`; `closed` from the moment either side closes, whatever still arrives.
 */
export type ConnectionState =
  | { readonly kind: "waiting" }
  | { readonly kind: "joining"; readonly viewer: Viewer; readonly held: string[] }
  | { readonly kind: "joined"; readonly viewer: Viewer }
  | { readonly kind: "closed" };

/** RFC 6455's own code for a server that cannot go on. */
const INTERNAL_ERROR = 1011;
const ERROR_MESSAGE_LENGTH = 500;
/** Messages held back for one viewer while the store is asked; a viewer that would get more is dropped. */
const HELD_MESSAGES = 1024;

/** One viewer's socket and how far it has come. */
export type Connection = {
  /** Names the connection in logs. */
  readonly label: string;
  readonly locality: Locality;
  readonly audience: Audience;
  readonly state: () => ConnectionState;
  /** The viewer, once it asked to join and until the connection closes. */
  readonly viewer: () => Viewer | undefined;
  readonly startJoin: (viewer: Viewer) => void;
  /** Sends the welcome and what was held back for it. Does nothing when the connection closed meanwhile. */
  readonly finishJoin: (welcome: Welcome) => void;
  readonly send: (message: TrackerMessage) => void;
  readonly sendText: (text: string) => void;
  readonly refuse: (code: ErrorCode, message: string, peer?: PeerId) => void;
  /** Closes from this side, with an error to explain it where the protocol has one. */
  readonly shut: (
    reason: CloseReason | "internal",
    error?: { readonly code: ErrorCode; readonly message: string },
  ) => void;
  /** Cuts the socket without a word. */
  readonly cut: () => void;
};

export type ConnectionOptions = {
  readonly label: string;
  readonly locality: Locality;
  readonly audience: Audience;
  readonly bufferedBytes: number;
  readonly closeMs: number;
  readonly onRefused: (code: ErrorCode) => void;
  /** Called once, when the connection closes for any reason. */
  readonly onClosed: (viewer: Viewer | undefined) => void;
};

export function createConnection(socket: WebSocket, options: ConnectionOptions): Connection {
  let state: ConnectionState = { kind: "waiting" };

  const viewer = (): Viewer | undefined => ("viewer" in state ? state.viewer : undefined);
  const leave = (): void => {
    if (state.kind === "closed") return;
    const known = viewer();
    state = { kind: "closed" };
    options.onClosed(known);
  };
  const cut = (): void => {
    leave();
    socket.terminate();
  };
  const write = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(text);
    if (socket.bufferedAmount > options.bufferedBytes) cut();
  };
  const sendText = (text: string): void => {
    if (state.kind === "closed") return;
    if (state.kind !== "joining") {
      write(text);
      return;
    }
    state.held.push(text);
    if (state.held.length > HELD_MESSAGES) cut();
  };
  const send = (message: TrackerMessage): void => sendText(JSON.stringify(message));
  socket.on("close", leave);

  return {
    label: options.label,
    locality: options.locality,
    audience: options.audience,
    state: () => state,
    viewer,
    send,
    sendText,
    cut,
    startJoin(joining) {
      if (state.kind === "waiting") state = { kind: "joining", viewer: joining, held: [] };
    },
    finishJoin(welcome) {
      if (state.kind !== "joining") return;
      const { held, viewer: joined } = state;
      state = { kind: "joined", viewer: joined };
      joined.toldSize = welcome.size;
      send(welcome);
      for (const text of held) sendText(text);
    },
    refuse(code, message, peer) {
      options.onRefused(code);
      send(errorMessage(code, message, peer));
    },
    shut(reason, error) {
      if (state.kind === "closed") return;
      if (error) {
        options.onRefused(error.code);
        write(JSON.stringify(errorMessage(error.code, error.message)));
      }
      leave();
      socket.close(reason === "internal" ? INTERNAL_ERROR : CLOSE_CODES[reason], reason);
      cutSocketSoon(socket, options.closeMs);
    },
  };
}

/** An `error`, cut to the length that the protocol allows. */
function errorMessage(code: ErrorCode, message: string, peer?: PeerId): TrackerMessage {
  return { t: "error", code, message: message.slice(0, ERROR_MESSAGE_LENGTH), ...(peer === undefined ? {} : { peer }) };
}
