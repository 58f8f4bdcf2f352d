import { afterAll, beforeAll, expect, it } from "vitest";
import type { ShoalStats } from "../../../player/embed/api.ts";
import type { Sample } from "../../../worker/protocol/index.ts";
import { type Lab, openLab } from "../../support/lab.ts";
import { until } from "../../support/process.ts";
import { type Chromium, startChromium, type Tab } from "./tabs.ts";

/** Tabs that nobody looks at, machines that sleep, and pages that are left and come back to. */

/** Two viewers of one live stream, which nobody else watches. */
type Pair = { readonly lab: Lab; readonly tabs: readonly [Tab, Tab] };

let chromium: Chromium;
let awake: Pair;
let asleep: Pair;
let away: Pair;
beforeAll(async () => {
  chromium = await startChromium();
  awake = await openPair();
  asleep = await openPair();
  away = await openPair();
  await chromium.open("about:blank");
});
afterAll(async () => {
  await chromium.close();
  for (const { lab } of [awake, asleep, away]) await lab.close();
});

/** One after the other: a tab that is behind another may not begin to play, it may only play on. */
async function openPair(): Promise<Pair> {
  const lab = await openLab({ pictures: "small" });
  const open = async (): Promise<Tab> => {
    const tab = await chromium.open(lab.page({ stream: "live", sound: true, timersMs: 1000 }));
    await until("playback", 30_000, async () => (await played(tab)) > 1);
    return tab;
  };
  const tabs = [await open(), await open()] as const;
  await until(
    "the two to meet",
    15_000,
    async () => (await stats(tabs[1])).peers === 1,
    () => stats(tabs[1]),
  );
  return { lab, tabs };
}

const played = (tab: Tab) => tab.read<number>("window.lab?.played() ?? 0");
const stats = (tab: Tab) => tab.read<ShoalStats>("window.shoalDemo.session.stats()");
const fatal = (tab: Tab) => tab.read<unknown[]>("window.lab.errors.filter(({ fatal }) => fatal)");

it.concurrent("hidden, with timers once a second, plays on for twenty seconds without a halt, from neighbours too", async () => {
  const { tabs } = awake;
  for (const tab of tabs) expect(await tab.read("document.visibilityState")).toBe("hidden");
  const before = await Promise.all(tabs.map(stats));
  const from = await Promise.all(tabs.map(played));
  const began = performance.now();
  for (const [i, tab] of tabs.entries()) {
    const there = async () => (await played(tab)) >= (from[i] ?? 0) + 20;
    await until("20 s more", 35_000, there, () => stats(tab));
  }
  expect(performance.now() - began).toBeLessThan(22_000);
  const after = await Promise.all(tabs.map(stats));
  const gained = (of: "peerBytes" | "playedBytes") =>
    after.reduce((sum, now, i) => sum + now[of] - (before[i]?.[of] ?? 0), 0);
  expect(gained("peerBytes") / gained("playedBytes")).toBeGreaterThan(0.3);
  for (const { stalls } of after) expect(stalls).toBe(0);
  for (const tab of tabs) {
    expect(await tab.read("document.visibilityState")).toBe("hidden");
    expect(await fatal(tab)).toEqual([]);
  }
});

it.concurrent("asleep for fifteen seconds, wakes up in the swarm without an error, and reports nothing absurd", async () => {
  const { lab, tabs } = asleep;
  const [other, sleeper] = tabs;
  const bytes = (await stats(sleeper)).playedBytes;
  await sleeper.setLife("frozen");
  const since = performance.now();
  await until("fifteen seconds to pass", 20_000, () => performance.now() - since > 15_000);
  await sleeper.setLife("active");
  await sleeper.show();
  // The browser paused it; the viewer presses play.
  await sleeper.read("window.shoalDemo.video.play()");
  const from = await played(sleeper);
  const playsOn = async () => (await played(sleeper)) >= from + 8;
  await until("8 s more of playback", 40_000, playsOn, () => stats(sleeper));
  const isBack = async () => {
    const now = await stats(sleeper);
    return now.tracker === "up" && now.peers === 1 && now.playedBytes > bytes;
  };
  await until("the swarm", 20_000, isBack, () => stats(sleeper));
  for (const tab of tabs) expect(await fatal(tab)).toEqual([]);
  expect((await stats(other)).stalls).toBe(0);
  const seen = await Promise.all(tabs.map(played));
  for (const tab of tabs) await tab.read("window.lab.stop()");

  const told = () => secondsTold(lab.samples.map(({ sample }) => sample));
  const agree = () => told().length === 2 && Math.max(...told()) > Math.max(...seen) - 2;
  await until("the reports", 15_000, agree, () => [told(), seen]);
  // Of a sleep up to five seconds count, until it is known to be one.
  expect(Math.max(...told())).toBeLessThan(Math.max(...seen) + 2);
  expect(Math.min(...told())).toBeLessThan(Math.min(...seen) + 7);
});

it.concurrent("left, is missed at once; come back to as the browser kept it, is in the swarm again and plays on", async () => {
  const { lab, tabs } = away;
  const [other, leaver] = tabs;
  await leaver.show();
  await leaver.read("addEventListener('pageshow', ({ persisted }) => { window.kept = persisted; })");
  await leaver.read(`location.assign("${lab.url}/healthz")`);
  const isAlone = async () => (await stats(other)).peers === 0;
  await until("the other to miss it", 5000, isAlone, () => stats(other));
  await leaver.read("history.back()");
  const isKept = () => leaver.read<boolean | null>("window.kept ?? null");
  await until("the page as it was", 10_000, async () => (await isKept()) === true, isKept);
  // The browser paused it; the viewer presses play.
  await leaver.read("window.shoalDemo.video.play()");
  const [from, { peerBytes }] = [await played(leaver), await stats(leaver)];
  const isBack = async () => {
    const now = await stats(leaver);
    return now.tracker === "up" && now.peers === 1 && now.peerBytes > peerBytes && (await played(leaver)) >= from + 8;
  };
  await until("8 s more, with bytes from the other", 40_000, isBack, () => stats(leaver));
  for (const tab of tabs) {
    expect(await fatal(tab)).toEqual([]);
    expect((await stats(tab)).stalls).toBe(0);
  }
});

/** Seconds that each session says were watched. A sample may have come twice. */
function secondsTold(samples: readonly Sample[]): readonly number[] {
  const once = new Map(samples.map((sample) => [`${sample.session} ${sample.seq}`, sample]));
  const seconds = new Map<string, number>();
  for (const { session, watchMs, stallMs, spanMs } of once.values()) {
    expect(watchMs + stallMs).toBeLessThan(spanMs + 1000);
    seconds.set(session, (seconds.get(session) ?? 0) + watchMs / 1000);
  }
  return [...seconds.values()];
}
