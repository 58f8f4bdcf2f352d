import type { RawData } from "ws";
import { CLOSE_CODES, type CloseReason } from "../protocol/index.ts";
import { type Bucket, type BucketLimit, countMessage, createMessageLimit, type MessageLimit } from "../swarm/index.ts";
import { cutSocketSoon } from "../ws/cut-socket.ts";
import type { FramedSocket } from "../ws/framed-socket.ts";
import type { Timings } from "../ws/timings.ts";
import { type Announcer, type Client, createClient, type Effect } from "./announcer.ts";
import { WEBTORRENT_LIMITS } from "./limits.ts";
import { type Failure, type Reply, readRequest } from "./messages.ts";
import type { WebtorrentMetrics } from "./metrics.ts";

type PeerParts = {
  readonly socket: FramedSocket;
  /** Keyed hash of the client's address. */
  readonly address: string;
  readonly messageLimit: BucketLimit;
  readonly timings: Timings;
  readonly clock: () => number;
  readonly announcer: Announcer<Peer>;
  readonly metrics: WebtorrentMetrics;
};

/** One WebTorrent client's socket. */
export class Peer implements Client {
  readonly swarms: Client["swarms"];
  readonly openOffers: Client["openOffers"];
  readonly offers: Bucket;
  readonly address: string;
  unanswered = 0;
  spoke = 0;
  private readonly parts: PeerParts;
  private readonly limit: MessageLimit;
  private readonly silence: NodeJS.Timeout;

  constructor(parts: PeerParts) {
    const { socket, clock, messageLimit } = parts;
    ({ swarms: this.swarms, openOffers: this.openOffers, offers: this.offers } = createClient(clock()));
    this.parts = parts;
    this.address = parts.address;
    this.limit = createMessageLimit(messageLimit, clock());
    this.silence = setTimeout(() => {
      if (this.swarms.size === 0) this.shut("joinTimeout");
    }, WEBTORRENT_LIMITS.firstAnnounceMs);
    socket.on("message", (data, isBinary) => this.message(data, isBinary));
    socket.on("ping", () => this.admit());
    socket.on("pong", () => {
      this.unanswered = 0;
    });
  }

  ping(): void {
    this.unanswered += 1;
    this.parts.socket.ping();
  }

  cut(): void {
    this.parts.socket.terminate();
  }

  shut(reason: CloseReason): void {
    const { socket, timings } = this.parts;
    socket.close(CLOSE_CODES[reason], reason);
    cutSocketSoon(socket, timings.closeMs);
  }

  /** The socket has closed. */
  left(): void {
    clearTimeout(this.silence);
    this.parts.announcer.leave(this);
  }

  /** Sends, unless the socket is closing; one that does not read is cut. */
  send(reply: Reply): void {
    const { socket, timings } = this.parts;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.sendTogether(JSON.stringify(reply)) > timings.bufferedBytes) this.cut();
  }

  private message(data: RawData, isBinary: boolean): void {
    const { announcer, clock, metrics, socket } = this.parts;
    this.unanswered = 0;
    if (socket.readyState !== socket.OPEN || !this.admit()) return;
    // The protocol has no word on it: some clients send their JSON as binary messages.
    const request = Buffer.isBuffer(data) ? readRequest(data.toString()) : "expected one buffer";
    if (typeof request === "string") {
      this.refuse("malformed", isBinary ? `${request} (binary message)` : request);
      return;
    }
    metrics.request(request.kind);
    for (const effect of announcer.handle(this, request, clock())) this.carryOut(effect);
  }

  private carryOut({ to, reply, failure }: Effect<Peer>): void {
    const { metrics } = this.parts;
    if (failure) metrics.refused(failure);
    else if ("offer" in reply) metrics.relayed("offer");
    else if ("answer" in reply) metrics.relayed("answer");
    to.send(reply);
  }

  private refuse(failure: Failure, why: string): void {
    this.parts.metrics.refused(failure);
    this.send({ "failure reason": `${failure}: ${why}` });
  }

  /** Counts a message; false when it is over the limit. */
  private admit(): boolean {
    const { clock, messageLimit } = this.parts;
    const verdict = countMessage(this.limit, messageLimit, clock());
    if (verdict === "refuse") this.refuse("rate-limited", `more than ${messageLimit.rate} messages a second`);
    if (verdict === "close") {
      this.parts.metrics.refused("rate-limited");
      this.shut("rateLimited");
    }
    return verdict === "handle";
  }
}
