/** Made when it is first asked for: to make a formatter takes a browser many times as long as to use it. */
export const lazy = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/**
 * Does things one after the other, soon and each in a turn of its own, so that the page can answer its reader in between. What is started
 * anew leaves undone what is left of the time before.
 */
export const createTurns = (): ((things: readonly (() => void)[]) => void) => {
  let current = 0;
  return (things) => {
    current += 1;
    const mine = current;
    const next = (at: number): void => {
      const thing = things[at];
      if (mine !== current || thing === undefined) return;
      thing();
      setTimeout(next, 0, at + 1);
    };
    setTimeout(next, 0, 0);
  };
};

/** Resolves when what is there now is on the screen; in a page that nobody sees, when somebody does. */
export const painted = (): Promise<void> =>
  new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done, 0));
  });
