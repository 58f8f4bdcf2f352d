import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM_ARGS, chromiumPath } from "../../support/chromium.ts";
import type { Running } from "../../support/process.ts";
import { watchCores } from "./busy.ts";
import type { Contender } from "./contenders.ts";
import { cpuSeconds } from "./cpu.ts";
import { median } from "./medians.ts";
import type { BrowserResult } from "./result.ts";
import { type BrowserScenario, START_UP_SECONDS } from "./scenarios.ts";
import type { Figures } from "./viewer.ts";

export type Lab = {
  readonly origin: Running;
  readonly pages: string;
  readonly trackers: Readonly<Record<Contender, string>>;
};
type Seat = { readonly context: BrowserContext; readonly page: Page };
type Counts = {
  readonly segments: { readonly bytes: number; readonly byKey: Readonly<Record<string, { readonly bytes: number }>> };
};

/** Plays one scenario with one contender in a Chromium of its own. */
export async function runBrowser(lab: Lab, scenario: BrowserScenario, contender: Contender): Promise<BrowserResult> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...CHROMIUM_ARGS] });
  const figures: Figures[] = [];
  await fetch(`${lab.origin.url}/demo/origin/reset`, { method: "POST" });
  const seats: Seat[] = [];
  const busy = watchCores();
  for (let i = 0; i < scenario.viewers; i++) {
    seats.push(await seat(browser, lab, scenario, contender));
    if (i < scenario.viewers - 1) await sleep(scenario.joinEvery * 1000);
  }
  await sleep(START_UP_SECONDS * 1000);
  const settled = await counts(lab);
  await stay(scenario, seats, figures, () => seat(browser, lab, scenario, contender));
  for (const { page } of seats) figures.push(await page.evaluate(() => window.bench.figures()));
  const end = await counts(lab);
  const machineBusy = busy();
  const cpu = cpuSeconds(process.pid, "chrom");
  await browser.close();
  return {
    scenario: scenario.name,
    contender,
    ...judge(scenario, figures, end),
    copiesPerSegment: copies(settled, end, figures),
    cpuPerViewer: cpu / scenario.viewers,
    machineBusy,
  };
}

/** Waits for the scenario's end; meanwhile replaces the oldest viewer where the scenario says so. */
async function stay(
  scenario: BrowserScenario,
  seats: Seat[],
  figures: Figures[],
  next: () => Promise<Seat>,
): Promise<void> {
  const left = scenario.stay - START_UP_SECONDS;
  if (scenario.replaceEvery === undefined) {
    await sleep(left * 1000);
    return;
  }
  for (let t = 0; t < left; t += scenario.replaceEvery) {
    const oldest = seats.shift();
    if (oldest !== undefined) {
      figures.push(await oldest.page.evaluate(() => window.bench.figures()));
      await oldest.context.close();
    }
    seats.push(await next());
    await sleep(scenario.replaceEvery * 1000);
  }
}

async function seat(browser: Browser, lab: Lab, scenario: BrowserScenario, contender: Contender): Promise<Seat> {
  const context = await browser.newContext({ viewport: { width: 640, height: 360 } });
  const page = await context.newPage();
  const query = new URLSearchParams({
    kind: contender,
    src: `${lab.origin.url}/demo/${scenario.stream}/master.m3u8`,
    tracker: lab.trackers[contender],
    script: `${lab.origin.url}/shoal.mjs`,
  });
  await page.goto(`${lab.pages}/viewer.html?${query}`);
  return { context, page };
}

const counts = async (lab: Lab): Promise<Counts> =>
  (await (await fetch(`${lab.origin.url}/demo/origin/counts`)).json()) as Counts;

function judge(scenario: BrowserScenario, figures: readonly Figures[], end: Counts) {
  const playedBytes = figures.reduce((sum, f) => sum + f.playedBytes, 0);
  const latencies = figures.flatMap((f) => (f.latency === null ? [] : [f.latency]));
  return {
    offload: 1 - end.segments.bytes / figures.reduce((sum, f) => sum + f.loadedBytes, 0),
    offloadOfPlayed: 1 - end.segments.bytes / playedBytes,
    bound: 1 - 1 / scenario.viewers,
    boundOfPlayed: 1 - oneCopy(figures) / playedBytes,
    stalls: figures.reduce((sum, f) => sum + f.stalls, 0),
    starts: figures.flatMap((f) => (f.startupMs === null ? [] : [f.startupMs])),
    latency: latencies.length === 0 ? null : median(latencies),
    latencies,
    originBytes: end.segments.bytes,
    playedBytes: Math.round(playedBytes),
    errors: figures.flatMap((f) => f.errors),
    own: figures.map((f) => f.own),
  };
}

/** Bytes of every segment that anybody loaded, each once. */
function oneCopy(figures: readonly Figures[]): number {
  const sizes = new Map(figures.flatMap((f) => Object.entries(f.sizes)));
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes sent for segments first asked for after start-up, in copies of those segments. */
function copies(settled: Counts, end: Counts, figures: readonly Figures[]): number | null {
  const sizes = new Map(figures.flatMap((f) => Object.entries(f.sizes)));
  let sent = 0;
  let once = 0;
  for (const [key, { bytes }] of Object.entries(end.segments.byKey)) {
    const size = sizes.get(key);
    if (settled.segments.byKey[key] !== undefined || size === undefined) continue;
    sent += bytes;
    once += size;
  }
  return once === 0 ? null : sent / once;
}
