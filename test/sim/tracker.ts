import type { Digest, Nearness, PeerId, SegmentDigests, SegmentId, Upload } from "../../tracker/protocol/index.ts";
import {
  createDigestLedger,
  isSizeStep,
  type Member,
  sampleIndexes,
  selectNeighbours,
} from "../../tracker/swarm/index.ts";
import type { Timeline } from "./queue.ts";
import type { Random } from "./random.ts";

/** A round trip between viewer and tracker, and what passes between two looks at the swarm's size, in milliseconds. */
const RTT_MS = 50;
const SIZE_MS = 1000;
/** How long the tracker keeps a viewer that went without a word, in milliseconds: two pings unanswered. */
const GHOST_MS = 40_000;
/** Members drawn for each choice of neighbours. */
const DRAWN = 32;

/** A viewer as the tracker tells it what it should know. */
export type Client = {
  readonly self: PeerId;
  readonly upload: Upload;
  /** False once it has left; the tracker may not know yet. */
  readonly isHere: () => boolean;
  readonly onWelcome: (size: number, neighbours: readonly PeerId[]) => void;
  readonly onNeighbours: (size: number, neighbours: readonly PeerId[]) => void;
  readonly onSize: (size: number) => void;
  readonly onDigests: (verdicts: readonly SegmentDigests[]) => void;
  readonly onDown: () => void;
};

export type Claim = {
  readonly segment: SegmentId;
  readonly bytes: number;
  readonly from: number;
  readonly digests: readonly Digest[];
};

export type Tracker = {
  readonly join: (client: Client) => void;
  /** `closed`: the socket said so; `vanished`: nobody did. */
  readonly leave: (client: Client, how: "closed" | "vanished") => void;
  readonly more: (client: Client, have: number) => void;
  readonly publish: (client: Client, claim: Claim) => void;
  readonly ask: (client: Client, segments: readonly SegmentId[]) => void;
};

type Seat = { readonly client: Client; readonly member: Member; toldSize: number };

/** One tracker for one swarm: the real choice of neighbours, size steps and digest ledger behind modelled sockets. */
export function createTracker(
  time: Timeline,
  of: { readonly random: Random; readonly handOut: number; readonly near: Nearness; readonly downAtMs: number },
): Tracker {
  const seats: Seat[] = [];
  const ledger = createDigestLedger();
  const isUp = (): boolean => time.now() < of.downAtMs;

  /** Both ways take half a round trip; what is under way when the tracker dies is lost. */
  const call = (client: Client, handle: () => (() => void) | undefined): void =>
    time.after(RTT_MS / 2, () => {
      if (!isUp()) return;
      const answer = handle();
      if (answer === undefined) return;
      time.after(RTT_MS / 2, () => {
        if (client.isHere() && isUp()) answer();
      });
    });

  const choose = (self: Member, want: number): PeerId[] => {
    const drawn = sampleIndexes(seats.length, Math.min(seats.length, DRAWN), of.random);
    const candidates = drawn.flatMap((index) => seats[index]?.member ?? []);
    return selectNeighbours({ candidates, self, want, random: of.random }).map((choice) => choice.member.id);
  };

  const remove = (client: Client): void => {
    const at = seats.findIndex((seat) => seat.client === client);
    if (at >= 0) seats.splice(at, 1);
  };

  const tellSizes = (): void => {
    if (!isUp()) return;
    for (const seat of seats) {
      if (!isSizeStep(seat.toldSize, seats.length)) continue;
      seat.toldSize = seats.length;
      const size = seats.length;
      time.after(RTT_MS / 2, () => {
        if (seat.client.isHere() && isUp()) seat.client.onSize(size);
      });
    }
    time.after(SIZE_MS, tellSizes);
  };
  time.after(SIZE_MS, tellSizes);

  if (Number.isFinite(of.downAtMs)) {
    time.at(of.downAtMs, () => {
      for (const { client } of seats) if (client.isHere()) client.onDown();
    });
  }

  return {
    join(client) {
      if (!isUp()) {
        time.after(RTT_MS, () => {
          if (client.isHere()) client.onDown();
        });
        return;
      }
      // Two round trips before it: TLS and the upgrade.
      time.after(2 * RTT_MS, () => {
        if (!client.isHere()) return;
        call(client, () => {
          const locality = { address: of.near, prefix: of.near };
          const member = { id: client.self, locality, upload: client.upload, joinedAt: time.now() };
          const neighbours = choose(member, of.handOut);
          const seat = { client, member, toldSize: seats.length + 1 };
          seats.push(seat);
          return () => client.onWelcome(seat.toldSize, neighbours);
        });
      });
    },
    leave(client, how) {
      time.after(how === "closed" ? RTT_MS / 2 : GHOST_MS, () => remove(client));
    },
    more: (client, have) =>
      call(client, () => {
        const seat = seats.find((one) => one.client === client);
        if (seat === undefined) return undefined;
        const neighbours = choose(seat.member, Math.max(2, of.handOut - have));
        return () => client.onNeighbours(seats.length, neighbours);
      }),
    publish: (client, claim) =>
      call(client, () => {
        ledger.claim({ viewer: client.self, ...claim });
        return undefined;
      }),
    ask: (client, segments) =>
      call(client, () => {
        const verdicts = segments.map(ledger.verdict);
        return () => client.onDigests(verdicts);
      }),
  };
}
