import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { createEngine } from "../../../player/engine/engine.ts";
import type { Effect, Engine, EngineEvent, FillReport, Totals } from "../../../player/engine/types.ts";
import type { PeerId } from "../../../tracker/protocol/index.ts";
import { createAudit, type Scrutiny } from "../../sim/audit.ts";
import { createBook } from "../../sim/book.ts";
import { createStream } from "../../sim/media.ts";
import { DEFAULTS } from "../../sim/scenario.ts";

const PEER = "peer" as PeerId;
const stream = createStream({ seed: 1, bitrates: [1_300_000], segmentMs: 4000 });
const media = stream.segment(0, 3);

const report: FillReport = {
  key: media.key,
  bytes: media.bytes,
  cdnBytes: 0,
  peerBytes: media.bytes,
  relayBytes: 0,
  peers: new Map(),
  reason: undefined,
  tookMs: 1,
  cdnTransfer: { bytes: 0, ms: 0, firstByteMs: 0 },
};
const want: EngineEvent = { t: "want", request: 1, key: media.key, deadline: 5000, start: false };
const deliver: Effect = { t: "deliver", request: 1, blocks: media.blocks, report };
const tick: EngineEvent = { t: "tick" };
const get: Effect = { t: "cdn-get", fetch: 1, key: media.key, from: 0, to: undefined };
const abort: Effect = { t: "cdn-abort", fetch: 1 };

/** An audit of an engine that says what `lies` says; each step is an event and the effects that followed. */
function rules(
  steps: readonly (readonly [EngineEvent, readonly Effect[]])[],
  lies: Partial<Engine> = {},
  untold?: number,
  scrutiny: Scrutiny = "close",
): string[] {
  const book = createBook();
  const engine = { ...createEngine({ limits: DEFAULTS.limits, now: 0 }), ...lies };
  const audit = createAudit({ viewer: 0, scrutiny, now: () => 1000, engine, stream, storeBytes: 1000, book });
  for (const [event, effects] of steps) audit.handled(event, effects);
  if (untold !== undefined) audit.finish(untold);
  return book.violations.map((violation) => violation.rule);
}

const totals = (changes: Partial<Totals>): Partial<Engine> => {
  const honest = createEngine({ limits: DEFAULTS.limits, now: 0 }).totals();
  return { totals: () => ({ ...honest, ...changes }) };
};

describe("the audit", () => {
  it("has nothing against an engine that keeps its promises", () => {
    const steps = [[want, []] as const, [tick, [get]] as const, [tick, [deliver, abort]] as const];
    assert.deepEqual(rules(steps, totals({ played: media.bytes }), 0), []);
  });

  it("sees a request answered twice, or never made", () => {
    assert.deepEqual(rules([[want, [deliver, deliver]]]), ["answered-once"]);
    assert.deepEqual(rules([[tick, [{ t: "fail", request: 4, fault: { kind: "network" } }]]]), ["answered-once"]);
  });

  it("sees other blocks, too few, and another order", () => {
    const [first, second, ...rest] = media.blocks;
    assert.ok(first !== undefined && second !== undefined);
    for (const blocks of [
      [stream.corrupt(first), second, ...rest],
      [first, second],
      [second, first, ...rest],
    ]) {
      assert.deepEqual(rules([[want, [{ ...deliver, blocks }]]]), ["right-bytes"]);
    }
  });

  it("sees the CDN asked for what nobody wants, or twice at a time", () => {
    assert.deepEqual(rules([[tick, [get, abort]]]), ["cdn-on-demand"]);
    assert.deepEqual(rules([[want, [get, { ...get, fetch: 2 }]]]), ["cdn-on-demand"]);
  });

  it("sees a transfer that goes on when nobody waits for it any more", () => {
    const abandon: EngineEvent = { t: "abandon", request: 1 };
    const bought = [want, [get]] as const;
    assert.deepEqual(rules([bought, [abandon, [abort]]]), []);
    assert.deepEqual(rules([bought, [abandon, []]]), ["cdn-on-demand"]);
  });

  it("sees words to a neighbour that is gone or was dropped", () => {
    const send: Effect = { t: "send", peer: PEER, frame: { t: "cancel", id: 1 } };
    const open: EngineEvent = { t: "peer-open", peer: PEER, near: "far", path: "direct" };
    assert.deepEqual(rules([[open, [send]]]), []);
    assert.deepEqual(rules([[tick, [send]]]), ["closed-peer"]);
    assert.deepEqual(rules([[open, [{ t: "drop", peer: PEER, reason: "flood" }, send]]]), ["closed-peer"]);
  });

  it("sees a frame that cannot be encoded", () => {
    const open: EngineEvent = { t: "peer-open", peer: PEER, near: "far", path: "direct" };
    const frame = { t: "request", id: 1, key: media.key, from: 0, count: 0 } as const;
    assert.deepEqual(rules([[open, [{ t: "send", peer: PEER, frame }]]]), ["frame"]);
  });

  it("sees a store beyond its limit, but for what is waited for", () => {
    assert.deepEqual(rules([[tick, []]], { storedBytes: () => 1001 }), ["store-limit"]);
    assert.deepEqual(rules([[want, []]], { storedBytes: () => 1001 }), []);
  });

  it("sees a clock that is broken and ticks that lead nowhere", () => {
    assert.deepEqual(rules([[want, []]], { wakeAt: () => Number.NaN }), ["wake"]);
    assert.deepEqual(rules([[tick, []]], { wakeAt: () => 999 }), ["wake"]);
    const busy = Array.from({ length: 300 }, () => [tick, []] as const);
    assert.deepEqual(rules(busy, { wakeAt: () => 1001 }), ["wake"]);
  });

  it("of the books alone still sees requests answered twice and accounts that do not add up", () => {
    const twice = [[want, [deliver, deliver]]] as const;
    assert.deepEqual(rules(twice, totals({ played: media.bytes }), 0, "books"), ["answered-once"]);
    assert.deepEqual(rules([[want, [get, { ...get, fetch: 2 }]]], totals({ cdn: 5 }), 0, "books"), [
      "ledger",
      "ledger",
    ]);
  });

  it("sees accounts that do not add up", () => {
    assert.deepEqual(rules([], totals({ cdn: 5 }), 0), ["ledger", "ledger"]);
    assert.deepEqual(rules([], totals({ played: 5 }), 0), ["ledger"]);
    assert.deepEqual(rules([], totals({ uploaded: 5 }), 0), ["ledger"]);
    assert.deepEqual(rules([], {}, 5), ["ledger"]);
  });
});
