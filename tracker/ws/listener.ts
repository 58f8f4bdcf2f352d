import type { WebSocket } from "ws";
import { countMessage, createMessageLimit, type MessageLimit } from "../swarm/index.ts";
import type { Connection } from "./connection.ts";
import type { Context } from "./context.ts";
import { handleText } from "./handlers/index.ts";
import { shutMalformed } from "./handlers/malformed.ts";
import { Inbox } from "./inbox.ts";
import { isSignalFrame } from "./signal-bytes.ts";

/** What comes in on one viewer's socket: counted, put in a row, handled. */
export class Listener extends Inbox<Buffer> {
  readonly connection: Connection;
  private readonly context: Context;
  private readonly socket: WebSocket;
  private readonly limit: MessageLimit;
  private joinTimer: NodeJS.Timeout | undefined;

  constructor(context: Context, connection: Connection, socket: WebSocket) {
    super();
    this.context = context;
    this.connection = connection;
    this.socket = socket;
    this.limit = createMessageLimit(context.messageLimit, context.clock());
    this.joinTimer = setTimeout(() => {
      if (connection.stage() === "waiting") connection.shut("joinTimeout");
    }, context.timings.joinMs);
  }

  message(data: WebSocket.RawData, isBinary: boolean): void {
    this.alive();
    if (!this.admit()) return;
    if (isBinary || !Buffer.isBuffer(data)) shutMalformed(this.connection, "the message is binary; expected text");
    else this.put(data);
  }

  alive(): void {
    this.connection.unanswered = 0;
  }

  /** Pings are counted as messages are, and answered whether or not they are over the limit. */
  ping(data: Buffer): void {
    this.connection.pong(data);
    this.admit();
  }

  /** Counts what a viewer sends; false when a message is over its limit and must not be handled. */
  private admit(): boolean {
    const { context, connection } = this;
    if (connection.stage() === "closed") return false;
    const verdict = countMessage(this.limit, context.messageLimit, context.clock());
    if (verdict === "handle") return true;
    const message = `more than ${context.config.messagesPerSecond} messages a second; this one was dropped`;
    if (verdict === "refuse") connection.refuse("rate-limited", message);
    if (verdict === "close") connection.shut("rateLimited", { code: "rate-limited", message });
    return false;
  }

  closed(): void {
    this.stopWaiting();
    this.clear();
    this.connection.leave();
  }

  protected override handle(message: Buffer): void | Promise<void> {
    if (this.connection.stage() === "closed") return;
    const pending = handleText(this.context, this.connection, message);
    if (this.joinTimer && this.connection.stage() !== "waiting") this.stopWaiting();
    return pending;
  }

  /** Signals between viewers of this process never wait for the store. */
  protected override overtakes(message: Buffer): boolean {
    return isSignalFrame(message) && this.connection.joined() !== undefined;
  }

  protected override onError(error: unknown): void {
    this.context.log.error({ connection: this.connection.label, err: error }, "a message could not be handled");
    this.connection.refuse("internal", "the tracker could not do this; try again in a while");
  }

  protected override pause(): void {
    this.socket.pause();
  }

  protected override resume(): void {
    this.socket.resume();
  }

  private stopWaiting(): void {
    clearTimeout(this.joinTimer);
    this.joinTimer = undefined;
  }
}
