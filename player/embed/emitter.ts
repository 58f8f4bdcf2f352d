/** Passes events to listeners, by name. */
export type Emitter<Events> = {
  /** Returns how to stop listening. */
  readonly on: <Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void) => () => void;
  readonly emit: <Name extends keyof Events>(name: Name, event: Events[Name]) => void;
};

/** Makes an emitter. What a listener throws reaches the page's error handlers, never the emitter's caller. */
export function createEmitter<Events>(): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on: (name, listener) => {
      const own = (event: never): void => listener(event);
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(own));
      return () => void set.delete(own);
    },
    emit: (name, event) => {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(event as never);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
