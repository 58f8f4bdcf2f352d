import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { SubnetRule } from "../access/subnet-groups.ts";
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
import { messageFrame, type TextFrame, textFrame } from "./text-frame.ts";
import type { Viewer } from "./viewer.ts";
import { writeTogether } from "./write-together.ts";

/**
 * `waiting` for a join; `joining` while the store is asked, with what others sent meanwhile held back until the `welcome`;
 * `joined`; `closed` from the moment either side closes, whatever still arrives.
 */
export type ConnectionState =
  | { readonly kind: "waiting" }
  | { readonly kind: "joining"; readonly viewer: Viewer; readonly held: TextFrame[] }
  | { readonly kind: "joined"; readonly viewer: Viewer }
  | { readonly kind: "closed" };

const WAITING: ConnectionState = { kind: "waiting" };
const CLOSED: ConnectionState = { kind: "closed" };
/** RFC 6455's own code for a server that cannot go on. */
const INTERNAL_ERROR = 1011;
const ERROR_MESSAGE_LENGTH = 500;
/** Messages held back for one viewer while the store is asked; a viewer that would get more is dropped. */
const HELD_MESSAGES = 1024;
/** News that waits for company; more goes out at once. */
const MOST_NEWS = 32;

/** What is known of a viewer before it has said a word. */
export type Seen = {
  /** Names the connection in logs. */
  readonly label: string;
  readonly locality: Locality;
  /** What the operator says now of the subnet that the viewer is in. */
  readonly subnet: () => SubnetRule | undefined;
  readonly audience: Audience;
};

/** What the connections of one tracker have in common. */
export type ConnectionHost = {
  readonly bufferedBytes: number;
  readonly closeMs: number;
  readonly onRefused: (code: ErrorCode) => void;
  /** The connection has news: `tellNews` is to be called in a while. */
  readonly onNews: (connection: Connection) => void;
  /** Called once for each connection, when it closes for any reason. */
  readonly onClosed: (connection: Connection, viewer: Viewer | undefined) => void;
};

/** One viewer's socket and how far it has come. A class, since a process holds tens of thousands: methods cost each nothing. */
export class Connection {
  /** Pings since the viewer was last heard. */
  unanswered = 0;
  spoke = 0;
  readonly label: string;
  readonly locality: Locality;
  readonly subnet: Seen["subnet"];
  readonly audience: Audience;
  private readonly socket: WebSocket;
  /** What the socket writes to. */
  private readonly stream: Duplex;
  private readonly host: ConnectionHost;
  private current: ConnectionState = WAITING;
  /** There only while some waits. Texts, since a frame that waits keeps the whole slab of Node's pool that it was cut from. */
  private news: readonly string[] | undefined;

  constructor(socket: WebSocket, stream: Duplex, { label, locality, subnet, audience }: Seen, host: ConnectionHost) {
    this.socket = socket;
    this.stream = stream;
    this.label = label;
    this.locality = locality;
    this.subnet = subnet;
    this.audience = audience;
    this.host = host;
  }

  state(): ConnectionState {
    return this.current;
  }

  /** The viewer, once it asked to join and until the connection closes. */
  viewer(): Viewer | undefined {
    return "viewer" in this.current ? this.current.viewer : undefined;
  }

  startJoin(viewer: Viewer): void {
    if (this.current.kind === "waiting") this.current = { kind: "joining", viewer, held: [] };
  }

  /** Sends the welcome and what was held back for it. Does nothing when the connection closed meanwhile. */
  finishJoin(welcome: Welcome): void {
    if (this.current.kind !== "joining") return;
    const { held, viewer } = this.current;
    this.current = { kind: "joined", viewer };
    viewer.toldSize = welcome.size;
    this.send(welcome);
    for (const frame of held) this.sendFrame(frame);
  }

  send(message: TrackerMessage): void {
    this.sendFrame(messageFrame(message));
  }

  sendText(text: string): void {
    this.sendFrame(textFrame(text));
  }

  /** Sends what was framed before, perhaps for many. */
  sendFrame(frame: TextFrame): void {
    if (this.current.kind === "closed") return;
    if (this.current.kind !== "joining") {
      this.tellNews();
      this.write(frame);
      return;
    }
    this.current.held.push(frame);
    if (this.current.held.length > HELD_MESSAGES) this.cut();
  }

  /** Sends what can wait for the next message to this viewer, and goes ahead of it. */
  sendAlong(text: string): void {
    if (this.current.kind !== "joined") {
      this.sendText(text);
      return;
    }
    // A list that is pushed to keeps room for sixteen more, and in a rush of joins most viewers have one.
    this.news = this.news ? this.news.concat([text]) : [text];
    if (this.news.length === 1) this.host.onNews(this);
    if (this.news.length >= MOST_NEWS) this.tellNews();
  }

  /** Nothing has come that could have taken the news along. */
  tellNews(): void {
    const { news } = this;
    if (!news) return;
    this.news = undefined;
    for (const text of news) this.write(textFrame(text));
  }

  refuse(code: ErrorCode, message: string, peer?: PeerId): void {
    this.host.onRefused(code);
    this.send(errorMessage(code, message, peer));
  }

  ping(): void {
    this.unanswered += 1;
    this.socket.ping();
  }

  /** Answers a ping of the viewer's. One that sends them and does not read is dropped, as with other frames. */
  pong(data: Buffer): void {
    if (this.current.kind === "closed") return;
    this.socket.pong(data);
    if (this.stream.writableLength > this.host.bufferedBytes) this.cut();
  }

  /** Closes from this side, with an error to explain it where the protocol has one. */
  shut(reason: CloseReason | "internal", error?: { readonly code: ErrorCode; readonly message: string }): void {
    if (this.current.kind === "closed") return;
    if (error) {
      this.host.onRefused(error.code);
      this.write(messageFrame(errorMessage(error.code, error.message)));
    }
    this.leave();
    this.socket.close(reason === "internal" ? INTERNAL_ERROR : CLOSE_CODES[reason], reason);
    cutSocketSoon(this.socket, this.host.closeMs);
  }

  /** Cuts the socket without a word. */
  cut(): void {
    this.leave();
    this.socket.terminate();
  }

  /** The socket has closed, or will. */
  leave(): void {
    if (this.current.kind === "closed") return;
    const viewer = this.viewer();
    this.current = CLOSED;
    this.news = undefined;
    this.host.onClosed(this, viewer);
  }

  private write(frame: TextFrame): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (writeTogether(this.stream, frame) > this.host.bufferedBytes) this.cut();
  }
}

/** An `error`, cut to the length that the protocol allows. */
function errorMessage(code: ErrorCode, message: string, peer?: PeerId): TrackerMessage {
  return { t: "error", code, message: message.slice(0, ERROR_MESSAGE_LENGTH), ...(peer === undefined ? {} : { peer }) };
}
