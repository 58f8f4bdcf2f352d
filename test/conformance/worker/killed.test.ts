import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Sample } from "../../../worker/protocol/index.ts";
import { makeCrowd } from "../../bench/reports/crowd.ts";
import { type Running, start, until } from "../../support/process.ts";

const VIEWERS = 40;
const ROUNDS = 30;
const DEATHS = 3;
const STREAMS = 4;
const PATIENCE_MS = 60_000;

/** What each viewer has to tell, in its order: the samples of several reports. */
function makeStories(): Sample[][] {
  const crowd = makeCrowd({ streams: STREAMS, viewers: VIEWERS, seed: 11 });
  const rounds = Array.from({ length: ROUNDS }, () => crowd.round(Date.now()));
  return Array.from({ length: VIEWERS }, (_, viewer) =>
    rounds.flatMap((round) => (round[viewer] === undefined ? [] : [round[viewer].sample])),
  );
}

/** `npm start` on one data folder, which dies and is started again; viewers find it wherever it is now. */
async function openHouse() {
  const folder = await mkdtemp(join(tmpdir(), "shoal-killed-"));
  const open = () => start("main", { DATA_DIR: folder, TRUST_PROXY: "1", REDIS_URL: "" });
  let current: Running = await open();
  onTestFinished(async () => {
    await current.kill();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    url: () => current.url,
    die: async () => {
      await current.kill();
      current = await open();
    },
  };
}
type House = Awaited<ReturnType<typeof openHouse>>;

/** Tells a story as a page does: each report again until it was taken. `onTaken` hears of each that was. */
async function tell(house: House, story: readonly Sample[], viewer: number, onTaken: () => void): Promise<void> {
  const [first] = story;
  if (first === undefined) return;
  for (let at = 0; at < story.length; at += 3) {
    const body = JSON.stringify({ stream: first.stream, session: first.session, samples: story.slice(at, at + 3) });
    // Each viewer has an address of its own, or they would be held for a flood.
    const headers = { "content-type": "text/plain", "x-forwarded-for": `10.0.${viewer}.1` };
    await until("a report to be taken", PATIENCE_MS, () =>
      fetch(`${house.url()}/v1/report`, { method: "POST", body, headers }).then(
        ({ status }) => status === 204,
        () => false,
      ),
    );
    onTaken();
  }
}

it("loses and doubles nothing in its data folder when npm start is killed under load, again and again", async () => {
  const house = await openHouse();
  const stories = makeStories();
  const reports = VIEWERS * Math.ceil(ROUNDS / 3);
  let taken = 0;
  const telling = Promise.all(stories.map((story, viewer) => tell(house, story, viewer, () => void taken++)));
  for (let death = 1; death <= DEATHS; death++) {
    await until("some reports to be taken", PATIENCE_MS, () => taken > (reports * death) / (DEATHS + 2));
    expect(taken).toBeLessThan(reports);
    await house.die();
  }
  await telling;
  await house.die();

  const all = stories.flat();
  const rows = await fetch(`${house.url()}/api/v1/reports/breakdown?by=stream`).then(
    (response) => response.json() as Promise<{ rows: { value: string; bytes: Record<string, number> }[] }>,
  );
  const sumsOf = (samples: readonly Sample[]) => {
    const sum = (of: (sample: Sample) => number) => samples.reduce((total, sample) => total + of(sample), 0);
    return {
      cdn: sum(({ bytes }) => bytes.cdn),
      peer: sum(({ bytes }) => bytes.peer),
      played: sum(({ played }) => played),
      uploaded: sum(({ uploaded }) => uploaded),
    };
  };
  const streams = [...new Set(all.map(({ stream }) => stream))].sort();
  expect(rows.rows.map(({ value }) => value).sort()).toEqual(streams);
  for (const { value, bytes } of rows.rows) {
    expect({ value, ...bytes }).toMatchObject({ value, ...sumsOf(all.filter(({ stream }) => stream === value)) });
  }
}, 180_000);
