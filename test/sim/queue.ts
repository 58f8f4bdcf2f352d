/** Virtual time in milliseconds and what is to happen in it. */
export type Timeline = {
  readonly now: () => number;
  /** Runs `act` at this time, or now when it has passed. Of two at one time the one put first runs first. */
  readonly at: (time: number, act: () => void) => void;
  readonly after: (ms: number, act: () => void) => void;
};

export type Queue = Timeline & {
  /** Runs what is due up to `until`, but no more than `most` of it. True while something due is left. */
  readonly run: (until: number, most: number) => boolean;
  /** How many events have run. */
  readonly count: () => number;
};

/** An event queue as a binary heap over three parallel arrays, which spares an object per event. */
export function createQueue(): Queue {
  const times: number[] = [];
  const orders: number[] = [];
  const acts: (() => void)[] = [];
  let now = 0;
  let puts = 0;
  let runs = 0;

  const before = (time: number, order: number, at: number): boolean => {
    const other = times[at] as number;
    return time < other || (time === other && order < (orders[at] as number));
  };
  const set = (at: number, time: number, order: number, act: () => void): void => {
    times[at] = time;
    orders[at] = order;
    acts[at] = act;
  };
  const move = (from: number, to: number): void =>
    set(to, times[from] as number, orders[from] as number, acts[from] as () => void);

  const at: Timeline["at"] = (time, act) => {
    if (!(time >= 0)) throw new Error(`an event cannot happen at ${time}`);
    const due = Math.max(now, time);
    const order = puts++;
    let hole = times.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!before(due, order, parent)) break;
      move(parent, hole);
      hole = parent;
    }
    set(hole, due, order, act);
  };

  /** Takes the first event out; the caller knows that there is one. */
  const take = (): (() => void) => {
    const first = acts[0] as () => void;
    now = times[0] as number;
    const time = times.pop() as number;
    const order = orders.pop() as number;
    const act = acts.pop() as () => void;
    const size = times.length;
    if (size === 0) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && before(times[child + 1] as number, orders[child + 1] as number, child)) child++;
      if (before(time, order, child)) break;
      move(child, hole);
      hole = child;
    }
    set(hole, time, order, act);
    return first;
  };

  return {
    now: () => now,
    at,
    after: (ms, act) => at(now + ms, act),
    run(until, most) {
      for (let left = most; left > 0; left--) {
        const next = times[0];
        if (next === undefined || next > until) {
          now = Math.max(now, until);
          return false;
        }
        runs++;
        take()();
      }
      return true;
    },
    count: () => runs,
  };
}
