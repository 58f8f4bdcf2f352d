/** Measures how fast a counter grows: given its bytes at a time in milliseconds, the bits per second of the last `overMs`. */
export type Rate = (bytes: number, now: number) => number;

export function createRate(overMs: number): Rate {
  let points: readonly { readonly bytes: number; readonly at: number }[] = [];
  return (bytes, at) => {
    points = [...points.filter((point) => at - point.at <= overMs), { bytes, at }];
    const [first] = points;
    return first === undefined || at <= first.at ? 0 : ((bytes - first.bytes) * 8000) / (at - first.at);
  };
}
