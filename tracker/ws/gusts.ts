/** Viewers seen to in one turn of the event loop. */
const GUST = 32;

/** Does something for each of many, in gusts between which others are heard. */
export async function inGusts<T>(items: Iterable<T>, act: (item: T) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    act(item);
    if (++count % GUST === 0) await othersFirst();
  }
}

/** Settles once the event loop has gone round. */
export const othersFirst = (): Promise<void> => new Promise(setImmediate);
