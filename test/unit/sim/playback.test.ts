import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { createPlayback, type Fragment } from "../../sim/playback.ts";
import { createQueue } from "../../sim/queue.ts";
import { randomStream } from "../../sim/random.ts";
import { type Scenario, scenario } from "../../sim/scenario.ts";

/** A player whose fragments take as long as `takes` says; `failed` in place of a time for one that cannot be had. */
function player(changes: Partial<Scenario>, takes: (msn: number, at: number, level: number) => number | "failed") {
  const time = createQueue();
  const played = scenario(changes);
  const wants: (Fragment & { readonly at: number; readonly deadline: number; readonly start: boolean })[] = [];
  const heads: string[] = [];
  const starts: number[] = [];
  let abandoned = 0;
  const playback = createPlayback(time, played, {
    random: randomStream(1, "test"),
    level: played.bitrates.length - 1,
    events: {
      playlist: (level, { last }) => heads.push(`list ${level} to ${last}`),
      playhead: (level, msn) => heads.push(`play ${level}/${msn}`),
      want(fragment, deadline, start) {
        wants.push({ ...fragment, at: time.now(), deadline, start });
        const mine = wants.length;
        const ms = takes(fragment.msn, time.now(), fragment.level);
        const end = ms === "failed" ? playback.failed : playback.delivered;
        time.after(ms === "failed" ? 10 : ms, () => {
          if (mine > abandoned) end();
        });
      },
      abandon: () => {
        abandoned = wants.length;
      },
      started: () => starts.push(time.now()),
    },
  });
  playback.start();
  return { time, wants, heads, starts, counts: playback.counts, switchTo: playback.switchTo };
}

describe("the model of hls.js", () => {
  it("starts a live stream three target durations behind the edge and follows it without a stall", () => {
    const { time, wants, counts, starts } = player({ mode: "live" }, () => 200);
    time.run(60_000, 1e5);
    assert.deepEqual(
      wants.slice(0, 4).map(({ msn }) => msn),
      [3, 4, 5, 6],
    );
    assert.equal(counts.startupMs, 300);
    assert.deepEqual(starts, [300]);
    assert.equal(counts.stalls, 0);
    // The playlist of 100 ms after 56 s is the last that is loaded.
    assert.equal(wants.at(-1)?.msn, 19);
  });

  it("tells when playback runs dry, and that a start is a start", () => {
    const { time, wants } = player({ mode: "live" }, () => 200);
    time.run(20_000, 1e5);
    assert.deepEqual(
      wants.slice(0, 3).map(({ at, deadline, start }) => [at, deadline, start]),
      [
        [100, 100, true],
        [300, 4300, false],
        [500, 8300, false],
      ],
    );
  });

  it("counts a stall from the moment it runs dry until the fragment is there", () => {
    const { time, counts } = player({ mode: "vod" }, (msn) => (msn === 6 ? 30_000 : 100));
    time.run(120_000, 1e5);
    assert.equal(counts.stalls, 1);
    // It is asked for when 4 s of the 24 s before it have been played, so it comes 10 s after the last of them.
    assert.ok(Math.abs(counts.stallMs - 10_000) < 50, `${counts.stallMs}`);
  });

  it("buffers 20 s ahead of a VOD and no more", () => {
    const { time, wants } = player({ mode: "vod" }, () => 1);
    time.run(3000, 1e5);
    assert.equal(wants.length, 6);
  });

  it("asks again for a fragment that failed after 1, 2, 4 seconds", () => {
    const { time, wants } = player({ mode: "vod" }, (_, at) => (at < 5000 ? "failed" : 100));
    time.run(10_000, 1e5);
    const tries = wants.filter(({ msn }) => msn === 0).map(({ at }) => at);
    assert.deepEqual(tries, [100, 1110, 3120, 7130]);
  });

  it("jumps forward when what it needs has left the live playlist", () => {
    const { time, counts, wants } = player({ mode: "live" }, (_, at) => (at > 10_000 && at < 50_000 ? "failed" : 100));
    time.run(90_000, 1e5);
    assert.ok(counts.skips >= 1);
    assert.ok(counts.stalls >= 1);
    assert.ok((wants.at(-1)?.msn ?? 0) > 22, "it is at the live edge again");
  });

  it("goes on in another rendition with the next fragment, after its playlist", () => {
    const { time, wants, heads, counts, switchTo } = player({ mode: "vod", bitrates: [4e5, 1.3e6] }, () => 100);
    time.run(10_000, 1e5);
    switchTo(0);
    time.run(60_000, 1e5);
    const levels = wants.map(({ msn, level }) => `${level}/${msn}`);
    assert.deepEqual(
      [...wants].map(({ msn }) => msn),
      wants.map((_, i) => i),
      "none is loaded twice",
    );
    const first = wants.findIndex(({ level }) => level === 0);
    assert.ok(first > 0 && (wants[first]?.at ?? 0) >= 10_100, levels.join(" "));
    assert.ok(wants.slice(first).every(({ level }) => level === 0));
    // What was buffered before is still played as the rendition it is of.
    assert.ok(heads.indexOf(`play 1/${first - 1}`) > heads.lastIndexOf("list 0 to 52"), heads.join(", "));
    assert.ok(heads.includes(`play 0/${first}`));
    assert.deepEqual(counts.loaded, [wants.length - first, first]);
    assert.equal(counts.switches, 1);
  });

  it("gives up what it waits for and takes a lower rendition when it has run dry", () => {
    const slow = { mode: "vod", bitrates: [4e5, 1.3e6] } as const;
    const { time, wants, counts } = player(slow, (msn, _, level) => (msn === 6 && level === 1 ? 60_000 : 100));
    time.run(60_000, 1e5);
    assert.equal(counts.stalls, 1);
    assert.equal(counts.switches, 1);
    // 1 s dry, a playlist and a fragment.
    assert.ok(Math.abs(counts.stallMs - 1200) < 20, `${counts.stallMs}`);
    assert.deepEqual(
      wants.filter(({ msn }) => msn === 6).map(({ level }) => level),
      [1, 0],
    );
  });
});
