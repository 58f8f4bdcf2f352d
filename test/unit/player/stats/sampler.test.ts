import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { NO_SHARES, NOTHING } from "../../../../player/session/accounts.ts";
import { createSampleMaker, type Reading } from "../../../../player/stats/sample-maker.ts";
import { createSampler, MOST_KEPT } from "../../../../player/stats/sampler.ts";
import type { PeerId, SessionId, StreamId } from "../../../../tracker/protocol/index.ts";
import { type Caution, CDN_REASONS, type Sample, SampleSchema } from "../../../../worker/protocol/index.ts";
import { manualClock } from "../session/fakes.ts";

const SESSION = "sssssssssssssssssssssS" as SessionId;
const STREAM = "https://a.example/live.m3u8" as StreamId;
const INTERVAL = 10_000;

/** A session whose counts the test moves, and a tracker that the test lets answer or not. */
function setUp() {
  const clock = manualClock();
  const world = { up: true, paused: false, cutOff: false, beacons: true };
  const counted = {
    cdn: 0,
    stallMs: 0,
    watchMs: 0,
    startupMs: undefined as number | undefined,
    near: {} as Partial<Sample["peerBytes"]>,
    links: new Map<PeerId, { received: number; sent: number }>(),
    stallTimes: [] as number[],
    errors: 0,
    caution: "none" as Caution,
    level: undefined as Reading["watched"]["level"],
  };
  const reports: Sample[][] = [];
  const beacons: Sample[][] = [];
  const read = (): Reading => ({
    totals: {
      ...NOTHING,
      cdn: counted.cdn,
      cdnReasons: { ...NOTHING.cdnReasons, duty: counted.cdn },
      peer: sumOf(counted.near),
    },
    shares: { near: { ...NO_SHARES.near, ...counted.near }, links: counted.links },
    overhead: 0,
    watched: {
      stalls: counted.stallTimes.length,
      stallMs: counted.stallMs,
      watchMs: counted.watchMs,
      startupMs: counted.startupMs,
      stallTimes: counted.stallTimes,
      errors: counted.errors,
      level: counted.level,
    },
    group: "p2p",
    self: undefined,
    caution: counted.caution,
    uplink: 800_000,
    peers: 3,
    swarm: 7,
  });
  const sampler = createSampler({
    clock,
    wallClock: () => 1_700_000_000_000 + clock.now(),
    maker: createSampleMaker({ session: SESSION, stream: STREAM, player: "1.0.0" }),
    read,
    paused: () => world.paused,
    send: (samples) => world.up && reports.push([...samples]) > 0,
    beacon: (samples) => world.beacons && beacons.push([...samples]) > 0,
    cutOff: () => world.cutOff,
  });
  /** One interval in which so many bytes came. */
  const pass = (cdn: number, ms = INTERVAL) => {
    counted.cdn += cdn;
    clock.advance(ms);
  };
  return { clock, world, counted, reports, beacons, sampler, pass, sent: () => reports.flat() };
}

const sumOf = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((all, one) => all + one, 0);
const seqs = (samples: readonly Sample[]): number[] => samples.map(({ seq }) => seq);
const cdnSum = (samples: Iterable<Sample>): number => [...samples].reduce((sum, { bytes }) => sum + bytes.cdn, 0);
const once = (samples: readonly Sample[]): Iterable<Sample> => new Map(samples.map((one) => [one.seq, one])).values();

test("each interval makes one numbered sample of what is new, as the schema wants it", () => {
  const { pass, sent } = setUp();
  pass(1000.6);
  pass(500.6);
  expect(sent()).toMatchObject([
    { seq: 0, bytes: { cdn: 1000 }, cdnReasons: { duty: 1000 }, spanMs: INTERVAL, peers: 3, stream: STREAM },
    { seq: 1, bytes: { cdn: 501 }, spanMs: INTERVAL },
  ]);
  for (const sample of sent()) expect(v.safeParse(SampleSchema, sample).issues).toBeUndefined();
});

test("peers' bytes are told by nearness and by neighbour, each once", () => {
  const { counted, pass, sent } = setUp();
  const [one, other] = ["0000aaaaaaaaaaaaaaaaaa", "0000bbbbbbbbbbbbbbbbbb"] as PeerId[] as [PeerId, PeerId];
  counted.near = { lan: 600, far: 100 };
  counted.links.set(one, { received: 700, sent: 0 });
  pass(0);
  counted.near = { lan: 600, far: 150 };
  counted.links.set(one, { received: 750, sent: 0 }).set(other, { received: 0, sent: 9 });
  pass(0);
  pass(0);
  expect(sent()).toMatchObject([
    { bytes: { peer: 700 }, peerBytes: { lan: 600, far: 100 }, links: [{ peer: one, received: 700, sent: 0 }] },
    {
      bytes: { peer: 50 },
      peerBytes: { lan: 0, far: 50 },
      links: [
        { peer: one, received: 50, sent: 0 },
        { peer: other, received: 0, sent: 9 },
      ],
    },
    { links: [] },
  ]);
});

test("what played is told as a rendition and as kilobits, what could be sent as bytes", () => {
  const { counted, pass, sent } = setUp();
  pass(1);
  counted.level = { height: 720, bitrate: 1_500_000 };
  counted.watchMs = 8_000;
  pass(1);
  counted.level = { height: 0, bitrate: 96_000 };
  counted.watchMs = 18_000;
  pass(1);
  expect(sent()).toMatchObject([
    { rendition: "unknown", kilobits: 0, uplink: 1_000_000, swarm: 7 },
    { rendition: "720p", kilobits: 12_000 },
    { rendition: "96k", kilobits: 960 },
  ]);
});

test("each stall is told with its length once, also when a sample is taken back", () => {
  const { counted, world, sampler, pass, sent } = setUp();
  world.up = false;
  for (let i = 0; i < MOST_KEPT + 3; i++) {
    counted.stallTimes.push(300 + i);
    counted.errors++;
    pass(1);
  }
  world.up = true;
  sampler.onUp();
  expect(sent().flatMap(({ stallTimes }) => stallTimes)).toEqual(counted.stallTimes);
  expect(sent().reduce((all, { errors }) => all + errors, 0)).toBe(MOST_KEPT + 3);
});

test("a viewer that has backed off says so in each sample meanwhile", () => {
  const { counted, pass, sent } = setUp();
  for (const caution of ["none", "wary", "off", "none"] as const) {
    counted.caution = caution;
    pass(1);
  }
  const samples = [...once(sent())];
  expect(samples.map(({ caution }) => caution)).toEqual([undefined, "wary", "off", undefined]);
  for (const sample of samples) expect(v.is(SampleSchema, sample)).toBe(true);
});

test("while paused a sample without news is not made; while playing it is", () => {
  const { world, pass, sent } = setUp();
  world.paused = true;
  pass(0);
  expect(sent()).toEqual([]);
  pass(7);
  expect(cdnSum(sent())).toBe(7);
  world.paused = false;
  pass(0);
  expect(seqs(sent())).toEqual([0, 1]);
});

test("the startup time is told once, and at once", () => {
  const { sampler, counted, pass, sent } = setUp();
  counted.startupMs = 812.4;
  sampler.sampleNow();
  pass(1);
  expect(sent().map(({ startupMs }) => startupMs)).toEqual([812, undefined]);
});

test("what was not acknowledged goes out again after a reconnect, what was not", () => {
  const { sampler, pass, reports, world } = setUp();
  pass(1);
  pass(2);
  sampler.onReported([0]);
  world.up = false;
  pass(4);
  world.up = true;
  sampler.onUp();
  expect(seqs(reports.at(-1) ?? [])).toEqual([1, 2]);
});

test("an acknowledgement that is lost brings the sample again, with the same number and content", () => {
  const { pass, sent } = setUp();
  for (let i = 0; i < 5; i++) pass(1);
  const first = sent().filter(({ seq }) => seq === 0);
  expect(first.length).toBeGreaterThan(1);
  expect(new Set(first.map((sample) => JSON.stringify(sample))).size).toBe(1);
});

test("an acknowledgement of what was never sent is not believed", () => {
  const { sampler, world, pass, sent } = setUp();
  world.up = false;
  pass(5);
  sampler.onReported([0]);
  world.up = true;
  sampler.onUp();
  expect(cdnSum(sent())).toBe(5);
});

test("without a tracker for hours nothing is lost: what nobody has seen is merged", () => {
  const { sampler, world, pass, sent } = setUp();
  world.up = false;
  for (let i = 0; i < 3 * MOST_KEPT; i++) pass(10);
  world.up = true;
  sampler.onUp();
  expect(cdnSum(once(sent()))).toBe(3 * MOST_KEPT * 10);
  expect(seqs(sent()).length).toBe(MOST_KEPT);
  expect(sampler.lost()).toBe(0);
});

test("what was seen and never acknowledged is not merged but given up, oldest first, and counted", () => {
  const { sampler, pass } = setUp();
  for (let i = 0; i < MOST_KEPT + 5; i++) pass(10);
  expect(sampler.lost()).toBe(5);
});

test("reports keep to the tracker's limit of samples", () => {
  const { sampler, world, pass, reports } = setUp();
  world.up = false;
  for (let i = 0; i < 40; i++) pass(1);
  world.up = true;
  sampler.onUp();
  expect(reports.map(({ length }) => length)).toEqual([16, 16, 8]);
});

test("a page that goes sends the rest by the socket, or as a beacon when there is none", () => {
  const open = setUp();
  open.pass(3, 400);
  open.sampler.flush();
  expect(cdnSum(open.sent())).toBe(3);
  expect(open.beacons).toEqual([]);
  const shut = setUp();
  shut.world.up = false;
  shut.pass(3);
  shut.pass(4, 400);
  shut.sampler.flush();
  expect(cdnSum(shut.beacons.flat())).toBe(7);
  // The page stayed after all: the same samples may come once more, under the same numbers.
  shut.world.up = true;
  shut.sampler.onUp();
  expect(cdnSum(once([...shut.beacons.flat(), ...shut.sent()]))).toBe(7);
});

test("once the socket is gone for good, beacons carry the samples, each once", () => {
  const { world, pass, beacons } = setUp();
  world.up = false;
  world.cutOff = true;
  pass(3);
  pass(4);
  expect(beacons.map(seqs)).toEqual([[0], [1]]);
});

test("a machine that slept tells no span beyond the limit, and loses no byte", () => {
  const { pass, counted, sampler, sent, clock } = setUp();
  pass(1);
  counted.watchMs = 400_000;
  clock.advance(0);
  sampler.setInterval(900_000);
  pass(5, 900_000);
  sampler.setInterval(INTERVAL);
  pass(0);
  const samples = [...once(sent())];
  expect(samples.map(({ spanMs }) => spanMs)).toEqual([INTERVAL, 300_000, INTERVAL]);
  expect(samples.map(({ watchMs }) => watchMs)).toEqual([0, 300_000, 100_000]);
  expect(cdnSum(samples)).toBe(6);
});

test("stopping ends the timer", () => {
  const { sampler, clock } = setUp();
  sampler.stop();
  expect(clock.timers()).toBe(0);
});

// ---- whatever the network does --------------------------------------------------------------------------------------

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("pass" as const), bytes: fc.nat(5000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("link" as const), up: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ack" as const), keep: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("flush" as const) }) },
);

test("the tracker's sum over distinct numbers is what was counted, as long as nothing was given up", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
      const { sampler, world, pass, counted, sent, beacons, reports } = setUp();
      for (const one of steps) {
        if (one.do === "pass") pass(one.bytes);
        else if (one.do === "flush") sampler.flush();
        else if (one.do === "ack") sampler.onReported(seqs(reports.at(-1 - one.keep) ?? []));
        else if (one.up !== world.up) {
          world.up = one.up;
          if (one.up) sampler.onUp();
        }
      }
      world.up = true;
      sampler.onUp();
      sampler.flush();
      const all = [...sent(), ...beacons.flat()];
      const bySeq = new Map<number, string>();
      for (const sample of all) {
        const text = JSON.stringify(sample);
        expect(bySeq.get(sample.seq) ?? text).toBe(text);
        bySeq.set(sample.seq, text);
        expect(CDN_REASONS.reduce((sum, reason) => sum + sample.cdnReasons[reason], 0)).toBe(sample.bytes.cdn);
      }
      expect(cdnSum(once(all))).toBe(counted.cdn);
      expect(sampler.lost()).toBe(0);
    }),
    { numRuns: 200 },
  );
});
