import type {
  Digest,
  Nearness,
  PeerId,
  Policy,
  SegmentDigests,
  SegmentId,
  Upload,
} from "../../tracker/protocol/index.ts";
import {
  createDigestLedger,
  isSizeStep,
  type Member,
  sampleIndexes,
  selectNeighbours,
} from "../../tracker/swarm/index.ts";
import type { Timeline } from "./queue.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** A round trip between viewer and tracker, and what passes between two looks at the swarm's size, in milliseconds. */
const RTT_MS = 50;
const SIZE_MS = 1000;
/** How long the tracker keeps a viewer that went without a word, in milliseconds: two pings unanswered. */
const GHOST_MS = 40_000;
/** Members drawn for each choice of neighbours. */
const DRAWN = 32;

/** What a viewer hears when the tracker takes it in. `self`: the name it goes by until the connection is lost. */
export type Welcome = {
  readonly self: PeerId;
  readonly size: number;
  readonly mode: Policy["mode"];
  readonly neighbours: readonly PeerId[];
};

/** A viewer as the tracker tells it what it should know. */
export type Client = {
  /** From 0 to 1, drawn once: which of several trackers it is with. */
  readonly lot: number;
  /** A name that nobody had before. */
  readonly newName: () => PeerId;
  readonly upload: () => Upload;
  /** False once it has left; the tracker may not know yet. */
  readonly isHere: () => boolean;
  readonly onWelcome: (welcome: Welcome) => void;
  readonly onNeighbours: (size: number, neighbours: readonly PeerId[]) => void;
  readonly onSize: (size: number) => void;
  readonly onPolicy: (mode: Policy["mode"]) => void;
  readonly onDigests: (verdicts: readonly SegmentDigests[]) => void;
  /** The connection is lost, or came to nothing. */
  readonly onDown: () => void;
};

export type Claim = {
  readonly segment: SegmentId;
  readonly bytes: number;
  readonly from: number;
  readonly digests: readonly Digest[];
};

export type Tracker = {
  /** `openedAt`: when it began to connect. */
  readonly join: (client: Client, openedAt: number) => void;
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
  scenario: Pick<Scenario, "handOut" | "trackerDown" | "policies">,
  of: { readonly random: Random; readonly near: Nearness },
): Tracker {
  const { trackerDown, policies } = scenario;
  const seats: Seat[] = [];
  const seatOf = new Map<Client, Seat>();
  let ledger = createDigestLedger();
  const isUp = ({ lot }: Client): boolean =>
    time.now() < trackerDown.fromMs || time.now() >= trackerDown.toMs || lot >= trackerDown.share;
  const mode = (): Policy["mode"] => policies.filter(({ atMs }) => atMs <= time.now()).at(-1)?.mode ?? "share";

  const tell = (client: Client, what: () => void): void =>
    time.after(RTT_MS / 2, () => {
      if (client.isHere() && isUp(client)) what();
    });

  /** Both ways take half a round trip; what is under way when the tracker dies is lost. */
  const call = (client: Client, handle: () => (() => void) | undefined): void =>
    time.after(RTT_MS / 2, () => {
      if (!isUp(client)) return;
      const answer = handle();
      if (answer !== undefined) tell(client, answer);
    });

  const choose = (self: Member, want: number): PeerId[] => {
    const drawn = sampleIndexes(seats.length, Math.min(seats.length, DRAWN), of.random);
    const candidates = drawn.flatMap((index) => seats[index]?.member ?? []);
    return selectNeighbours({ candidates, self, want, random: of.random }).map((choice) => choice.member.id);
  };

  const remove = (client: Client): void => {
    const seat = seatOf.get(client);
    if (seat === undefined) return;
    seatOf.delete(client);
    seats.splice(seats.indexOf(seat), 1);
  };

  const tellSizes = (): void => {
    const size = seats.length;
    for (const seat of seats) {
      if (!isSizeStep(seat.toldSize, size)) continue;
      seat.toldSize = size;
      tell(seat.client, () => seat.client.onSize(size));
    }
    time.after(SIZE_MS, tellSizes);
  };
  time.after(SIZE_MS, tellSizes);

  for (const policy of policies) {
    time.at(policy.atMs, () => {
      for (const { client } of seats) tell(client, () => client.onPolicy(policy.mode));
    });
  }

  if (Number.isFinite(trackerDown.fromMs)) {
    time.at(trackerDown.fromMs, () => {
      if (trackerDown.share === 1) ledger = createDigestLedger();
      for (const { client } of seats.filter((seat) => !isUp(seat.client))) {
        remove(client);
        if (client.isHere()) client.onDown();
      }
    });
  }

  const takeIn = (client: Client): void => {
    const locality = { address: of.near, prefix: of.near };
    const member = { id: client.newName(), locality, giving: client.upload(), joinedAt: time.now() };
    const neighbours = choose(member, scenario.handOut);
    const seat = { client, member, toldSize: seats.length + 1 };
    seats.push(seat);
    seatOf.set(client, seat);
    tell(client, () => client.onWelcome({ self: member.id, size: seat.toldSize, mode: mode(), neighbours }));
  };

  return {
    join(client, openedAt) {
      // Two round trips before it: TLS and the upgrade.
      const said = Math.max(time.now(), openedAt + 2 * RTT_MS);
      time.at(isUp(client) ? said + RTT_MS / 2 : time.now() + RTT_MS, () => {
        if (!client.isHere()) return;
        if (isUp(client)) takeIn(client);
        else client.onDown();
      });
    },
    leave(client, how) {
      time.after(how === "closed" ? RTT_MS / 2 : GHOST_MS, () => remove(client));
    },
    more: (client, have) =>
      call(client, () => {
        const seat = seatOf.get(client);
        if (seat === undefined) return undefined;
        const neighbours = choose(seat.member, Math.max(2, scenario.handOut - have));
        return () => client.onNeighbours(seats.length, neighbours);
      }),
    publish: (client, claim) =>
      call(client, () => {
        const seat = seatOf.get(client);
        if (seat !== undefined) ledger.claim({ viewer: seat.member.id, ...claim });
        return undefined;
      }),
    ask: (client, segments) =>
      call(client, () => {
        const verdicts = segments.map(ledger.verdict);
        return () => client.onDigests(verdicts);
      }),
  };
}
