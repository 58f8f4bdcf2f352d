/** Keeps things in order although some of them must wait for a digest. */
export type Lane = {
  /** Runs `step` at once, or after all that was put in before it. */
  readonly put: (step: () => void) => void;
  /** Holds its place in the lane until `value` is there, then runs `step` with it. */
  readonly putWhen: <T>(value: Promise<T>, step: (value: T) => void) => void;
  /** Steps that still wait. */
  readonly length: () => number;
  /** Forgets what waits; nothing runs after this. */
  readonly close: () => void;
};

type Slot = { run: (() => void) | undefined };

/** Makes an empty lane. `onFault` hears of a value that never came. */
export function createLane(onFault: (error: unknown) => void): Lane {
  let slots: Slot[] = [];
  let closed = false;

  const flush = (): void => {
    for (let head = slots[0]; head?.run !== undefined && !closed; head = slots[0]) {
      slots.shift();
      head.run();
    }
  };

  return {
    put: (step) => {
      if (closed) return;
      slots.push({ run: step });
      flush();
    },
    putWhen: (value, step) => {
      if (closed) return;
      const slot: Slot = { run: undefined };
      slots.push(slot);
      value
        .then((known) => {
          slot.run = () => step(known);
          flush();
        })
        .catch(onFault);
    },
    length: () => slots.length,
    close: () => {
      closed = true;
      slots = [];
    },
  };
}
