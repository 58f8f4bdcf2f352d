import * as v from "valibot";
import { CDN_REASONS, type ReceivedSample, ReceivedSampleSchema } from "../../../worker/protocol/index.ts";
import { randomStream } from "../../sim/random.ts";

export type CrowdOptions = {
  readonly streams: number;
  /** Viewers in all; stream n has about half as many as stream n / 2. */
  readonly viewers: number;
  readonly seed: number;
  readonly site?: string;
};

export type Crowd = {
  /** The next sample of every viewer, in no order that means anything; `at` is when the tracker had them, in ms since 1970. */
  readonly round: (at: number) => ReceivedSample[];
};

/** Neighbours that a viewer exchanges blocks with in the span of a sample. */
const LINKS = 6;
const COUNTRIES = ["DE", "FR", "GB", "US", "BR", "IN", "PL", "ZZ"];
const DEVICES = ["desktop", "phone", "phone", "tablet", "tv"] as const;
const BROWSERS = ["chrome", "chrome", "safari", "firefox", "edge"] as const;
const RENDITIONS = ["1080p", "720p", "480p"];

/** Viewers as an evening has them: most on few streams, from some countries and a few dozen networks. Every run is the same. */
export function makeCrowd({ streams, viewers, seed, site = "bench" }: CrowdOptions): Crowd {
  const random = randomStream(seed, "crowd");
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[below(list.length)] as T;
  const people = Array.from({ length: viewers }, (_, index) => ({
    session: `${seed}v${index}`.padEnd(22, "-"),
    peer: `0000${peerName(seed, index)}`,
    neighbours: Array.from(
      { length: Math.min(LINKS, viewers - 1) },
      (_, next) => `0000${peerName(seed, (index + 1 + next) % viewers)}`,
    ),
    stream: `stream-${Math.floor(streams ** random()) - 1 + below(2)}`,
    country: pick(COUNTRIES),
    network: String(1000 + below(40)),
    device: pick(DEVICES),
    browser: pick(BROWSERS),
    player: random() < 0.9 ? "0.2.0" : "0.1.0",
    group: random() < 0.05 ? ("holdout" as const) : ("p2p" as const),
    rendition: pick(RENDITIONS),
    seq: 0,
  }));
  const bytes = (share: number): number => below(2_500_000 * share);

  return {
    round: (at) =>
      people.map((viewer) => {
        const { session, stream, player, group, rendition } = viewer;
        const seq = viewer.seq++;
        const [start, duty, noPeer] = [seq === 0 ? bytes(1) : 0, bytes(0.2), bytes(0.05)];
        const near = { lan: bytes(0.1), network: bytes(0.1), as: bytes(0.3), country: bytes(0.3), far: bytes(0.2) };
        const peer = near.lan + near.network + near.as + near.country + near.far;
        const uploaded = bytes(1);
        const links = viewer.neighbours.map((other) => ({
          peer: other,
          received: Math.floor(peer / viewer.neighbours.length),
          sent: Math.floor(uploaded / viewer.neighbours.length),
        }));
        const cdn = start + duty + noPeer;
        const stalled = random() < 0.01;
        return {
          site,
          receivedAt: at,
          country: viewer.country,
          network: viewer.network,
          device: viewer.device,
          browser: viewer.browser,
          sample: {
            v: 2,
            session,
            seq,
            stream,
            at,
            spanMs: 5000,
            bytes: { cdn, peer, relay: 0 },
            cdnReasons: { ...NO_REASONS, start, duty, noPeer },
            peerBytes: near,
            played: cdn + peer,
            uploaded,
            wasted: bytes(0.01),
            overhead: bytes(0.01),
            uplink: 2_500_000,
            swarm: 50,
            stalls: stalled ? 1 : 0,
            stallMs: stalled ? 400 : 0,
            stallTimes: stalled ? [400] : [],
            watchMs: 5000,
            ...(seq === 0 ? { startupMs: 300 + below(2000) } : {}),
            peers: 6,
            player,
            group,
            rendition,
            kilobits: 20_000,
            errors: 0,
            peer: viewer.peer,
            links,
          },
        } as unknown as ReceivedSample;
      }),
  };
}

const peerName = (seed: number, index: number): string => `${seed}v${index}`.padEnd(18, "-");

const NO_REASONS = Object.fromEntries(CDN_REASONS.map((reason) => [reason, 0]));

/** Fails when the crowd's samples are no samples any more. */
export function checkCrowd(samples: readonly ReceivedSample[]): void {
  for (const sample of samples.slice(0, 100)) v.parse(ReceivedSampleSchema, sample);
}
