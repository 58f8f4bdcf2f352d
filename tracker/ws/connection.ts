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
import type { FramedSocket } from "./framed-socket.ts";
import type { Outgoing } from "./text-frame.ts";
import type { Viewer } from "./viewer.ts";

/**
 * `waiting` for a join; `joining` while the store is asked; `joined`; `closed` from the moment either side closes, whatever still
 * arrives.
 */
export type Stage = "waiting" | "joining" | "joined" | "closed";

/** What others send a viewer that is joining is held back until the `welcome`. */
type Joining = { readonly viewer: Viewer; readonly held: Outgoing[] };

/** RFC 6455's own code for a server that cannot go on. */
const INTERNAL_ERROR = 1011;
const ERROR_MESSAGE_LENGTH = 500;
/** Messages held back for one viewer while the store is asked; a viewer that would get more is dropped. */
const HELD_MESSAGES = 1024;
/** News that waits for company; more goes out at once. */
const MOST_NEWS = 32;

/** What is known of a viewer before it has said a word. */
export type Seen = {
  /** Which of this process's connections it is. */
  readonly serial: number;
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
  readonly serial: number;
  readonly locality: Locality;
  readonly subnet: Seen["subnet"];
  readonly audience: Audience;
  private readonly socket: FramedSocket;
  private readonly host: ConnectionHost;
  /** A viewer alone has joined. */
  private current: "waiting" | Joining | Viewer | "closed" = "waiting";
  /** There only while some waits. */
  private news: readonly string[] | undefined;

  constructor(socket: FramedSocket, { serial, locality, subnet, audience }: Seen, host: ConnectionHost) {
    this.socket = socket;
    this.serial = serial;
    this.locality = locality;
    this.subnet = subnet;
    this.audience = audience;
    this.host = host;
  }

  /** Names the connection in logs. */
  get label(): string {
    return labelOf(this.serial);
  }

  stage(): Stage {
    const { current } = this;
    if (typeof current === "string") return current;
    return isJoining(current) ? "joining" : "joined";
  }

  /** The viewer, once it asked to join and until the connection closes. */
  viewer(): Viewer | undefined {
    const { current } = this;
    if (typeof current === "string") return undefined;
    return isJoining(current) ? current.viewer : current;
  }

  /** The viewer, from its welcome until the connection closes. */
  joined(): Viewer | undefined {
    const { current } = this;
    return typeof current === "string" || isJoining(current) ? undefined : current;
  }

  startJoin(viewer: Viewer): void {
    if (this.current === "waiting") this.current = { viewer, held: [] };
  }

  /** Sends the welcome and what was held back for it. Does nothing when the connection closed meanwhile. */
  finishJoin(welcome: Welcome): void {
    const { current } = this;
    if (typeof current === "string" || !isJoining(current)) return;
    const { held, viewer } = current;
    this.current = viewer;
    viewer.toldSize = welcome.size;
    this.send(welcome);
    for (const message of held) this.sendOne(message);
  }

  send(message: TrackerMessage): void {
    this.sendOne(JSON.stringify(message));
  }

  /** Sends what was put into words before, or another viewer's signal. */
  sendOne(message: Outgoing): void {
    const { current } = this;
    if (current === "closed") return;
    if (current === "waiting" || !isJoining(current)) {
      this.tellNews();
      this.write(message);
      return;
    }
    current.held.push(message);
    if (current.held.length > HELD_MESSAGES) this.cut();
  }

  /** Sends what can wait for the next message to this viewer, and goes ahead of it. */
  sendAlong(text: string): void {
    if (!this.joined()) {
      this.sendOne(text);
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
    for (const text of news) this.write(text);
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
    if (this.current === "closed") return;
    this.socket.pong(data);
    if ((this.socket.stream?.writableLength ?? 0) > this.host.bufferedBytes) this.cut();
  }

  /** Closes from this side, with an error to explain it where the protocol has one. */
  shut(reason: CloseReason | "internal", error?: { readonly code: ErrorCode; readonly message: string }): void {
    if (this.current === "closed") return;
    if (error) {
      this.host.onRefused(error.code);
      this.write(JSON.stringify(errorMessage(error.code, error.message)));
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
    if (this.current === "closed") return;
    const viewer = this.viewer();
    this.current = "closed";
    this.news = undefined;
    this.host.onClosed(this, viewer);
  }

  private write(message: Outgoing): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.sendTogether(message) > this.host.bufferedBytes) this.cut();
  }
}

const isJoining = (current: Joining | Viewer): current is Joining => "held" in current;

/** What logs call the connection that was the so-manieth. */
export const labelOf = (serial: number): string => `c${serial.toString(36)}`;

/** An `error`, cut to the length that the protocol allows. */
function errorMessage(code: ErrorCode, message: string, peer?: PeerId): TrackerMessage {
  return { t: "error", code, message: message.slice(0, ERROR_MESSAGE_LENGTH), ...(peer === undefined ? {} : { peer }) };
}
