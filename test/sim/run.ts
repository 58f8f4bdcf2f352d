import type { Scrutiny } from "./audit.ts";
import { createBook } from "./book.ts";
import { createStream } from "./media.ts";
import { createMesh } from "./mesh.ts";
import { createOrigin } from "./origin.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { PROFILES } from "./profiles.ts";
import { createQueue } from "./queue.ts";
import { exponential, randomStream } from "./random.ts";
import { drawConduct } from "./rogue.ts";
import type { Scenario } from "./scenario.ts";
import { createTracker, type Tracker } from "./tracker.ts";
import { createViewer, type Viewer, type World } from "./viewer.ts";

/** How far a run is. */
export type Progress = {
  readonly nowMs: number;
  readonly endMs: number;
  readonly viewers: number;
  readonly events: number;
};

export type RunOptions = {
  /** Called now and then. */
  readonly onProgress?: (progress: Progress) => void;
  /** A clock in milliseconds to measure the engines' work with; without it that is not measured. */
  readonly stopwatch?: () => number;
};

/** With so many viewers each is watched closely; of more about so many are, evenly spread. */
const WATCHED = 100;

const scrutinyFor = (viewers: number): ((viewer: number) => Scrutiny) => {
  const every = Math.ceil(viewers / WATCHED);
  return (viewer) => (viewer % every === 0 ? "close" : "books");
};

/** Events between two calls of `onProgress`. */
const SLICE = 20_000;

/** When each viewer comes, in milliseconds. */
function joinTimes({ joins, seed, viewers }: Scenario): number[] {
  const random = randomStream(seed, "joins");
  let at = 0;
  return Array.from({ length: viewers }, (_, i) => {
    switch (joins.kind) {
      case "flash":
        return random() * joins.withinMs;
      case "every":
        return i * joins.everyMs;
      case "poisson":
        at += exponential(random, joins.meanMs);
        return at;
      default:
        return joins satisfies never;
    }
  });
}

/** Plays a scenario from beginning to end in virtual time. The same scenario gives the same outcome. */
export function run(scenario: Scenario, options: RunOptions = {}): Outcome {
  const time = createQueue();
  const createOne = (swarm: number): Tracker =>
    createTracker(time, scenario, {
      random: randomStream(scenario.seed, `tracker${swarm === 0 ? "" : `/${swarm}`}`),
      near: PROFILES[scenario.profile].near,
    });
  const trackers = Array.from({ length: scenario.swarms }, (_, swarm) => createOne(swarm));
  const world: World = {
    time,
    scenario,
    book: createBook(),
    stream: createStream(scenario),
    origin: createOrigin(time, scenario.origin),
    trackerOf: (viewer) => trackers[viewer % trackers.length] as Tracker,
    mesh: createMesh(time, scenario.limits.neighbours),
    work: { calls: 0, ms: 0, stopwatch: options.stopwatch ?? (() => 0) },
    scrutinyOf: scrutinyFor(scenario.viewers),
  };
  const endMs = scenario.minutes * 60_000;
  const here = new Set<Viewer>();
  const all: Viewer[] = [];
  let viewerMs = 0;

  const conductOf = drawConduct(scenario);
  const come = (): void => {
    const viewer = createViewer(world, all.length, conductOf(all.length));
    all.push(viewer);
    here.add(viewer);
    const { perMinute, replace, vanish } = scenario.leaves;
    if (perMinute <= 0) return;
    const random = randomStream(scenario.seed, `leave/${viewer.number}`);
    time.after(exponential(random, 60_000 / perMinute), () => {
      go(viewer, random() < vanish ? "vanished" : "closed");
      if (replace) come();
    });
  };
  const go = (viewer: Viewer, how: "closed" | "vanished"): void => {
    viewer.leave(how);
    here.delete(viewer);
    viewerMs += time.now() - viewer.bornAt;
  };

  for (const at of joinTimes(scenario)) if (at < endMs) time.at(at, come);
  while (time.run(endMs, SLICE)) {
    options.onProgress?.({ nowMs: time.now(), endMs, viewers: here.size, events: time.count() });
  }
  for (const viewer of [...here]) go(viewer, "closed");
  return outcomeOf(world, all, viewerMs, time.count());
}
