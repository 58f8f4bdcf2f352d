import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault, FaultScript } from "../../../infra/origin/index.ts";
import { launchChromium, openViewer, type Viewer } from "../../support/browser.ts";
import { openLab } from "../../support/lab.ts";
import type { LabLog } from "../../support/lab-page.ts";
import { until } from "../../support/process.ts";

/** An origin that fails: playback goes on, or fails, exactly as hls.js does by itself; its own policy is what tries again. */

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** Patience in milliseconds: less than hls.js has, for a test, and more than a busy machine takes for an answer. */
const PATIENCE = {
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 3000,
      maxLoadTimeMs: 12_000,
      timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 6, retryDelayMs: 200, maxRetryDelayMs: 800 },
    },
  },
};

/** What one player went through on an origin of its own: errors, and how often each path was asked for while it failed. */
type Course = {
  readonly errors: LabLog["errors"];
  readonly asked: readonly string[];
  readonly end: "played" | "fatal";
};

async function play(upload: "share" | "off", script: (asked: readonly string[]) => FaultScript): Promise<Course> {
  const asked: string[] = [];
  const faults = script(asked);
  const lab = await openLab({
    faults: (request) => {
      const fault = faults(request);
      if (fault !== undefined) asked.push(`${request.path} ${fault.kind} ${request.range}`);
      return fault;
    },
  });
  // One level to begin with, so that both players ask for the same; without a worker, which takes the bytes away from the page.
  const hls = { ...PATIENCE, startLevel: 0, testBandwidth: false, enableWorker: false };
  const viewer = await openViewer(browser, lab.page({ stream: "vod", shoal: { upload }, hls }));
  const log = () => logOf(viewer);
  const fatal = async () => (await log()).errors.some((error) => error.fatal);
  const beyond = () =>
    viewer.page.evaluate(() => {
      const { buffered } = document.querySelector("video") as HTMLVideoElement;
      return buffered.length > 0 && buffered.start(0) < 0.5 && buffered.end(0) > 13;
    });
  await until("a buffer beyond the fault, or an end", 30_000, async () => (await fatal()) || (await beyond()), log);
  const { errors, loaded } = await log();
  // A hole between two segments may or may not be in the way; that is no fault of the origin's.
  const course: Course = {
    errors: errors.filter(({ details }) => !details.startsWith("buffer")),
    asked,
    end: (await beyond()) ? "played" : "fatal",
  };
  for (const { path, sha256 } of loaded) expect(sha256, path).toBe(lab.sha256Of(path));
  expect(viewer.errors.filter((text) => !text.includes("Failed to load resource"))).toEqual([]);
  await viewer.close();
  await lab.close();
  return course;
}

async function logOf(viewer: Viewer): Promise<LabLog> {
  const log = await viewer.page.evaluate(() => window.lab);
  if (log === undefined) throw new Error("the page has no lab");
  return log;
}

/** The fault befalls the first `times` requests for segment 2, of whatever rendition. */
const atSegment2 =
  (fault: Fault, times: number) =>
  (asked: readonly string[]): FaultScript =>
  ({ path }) =>
    path.endsWith("/2.ts") && asked.length < times ? fault : undefined;

it.each<[string, (asked: readonly string[]) => FaultScript, Course["end"]]>([
  ["breaks off one answer", atSegment2({ kind: "cut", afterBytes: 150_000 }, 1), "played"],
  ["breaks off two answers", atSegment2({ kind: "cut", afterBytes: 150_000 }, 2), "played"],
  ["answers 503 twice", atSegment2({ kind: "status", status: 503 }, 2), "played"],
  ["has lost one rendition's segment", atSegment2({ kind: "status", status: 404 }, 1), "played"],
  ["has lost the segment", atSegment2({ kind: "status", status: 404 }, 99), "fatal"],
  ["does not answer at first", atSegment2({ kind: "hang" }, 1), "played"],
])("an origin that %s is met by hls.js as if Shoal were not there", async (_, script, end) => {
  const [plain, shoal] = await Promise.all([play("off", script), play("share", script)]);
  expect(shoal).toEqual(plain);
  expect(plain.end).toBe(end);
  expect(plain.asked.length).toBeGreaterThan(0);
});
