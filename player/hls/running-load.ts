/** A load under way. */
export type RunningLoad = {
  /** Stops it and says so to hls.js. */
  readonly abort: () => void;
  /** Stops it without a word. */
  readonly destroy: () => void;
};
