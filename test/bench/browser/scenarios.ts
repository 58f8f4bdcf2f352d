/** What the contenders play through in Chromium. Times in seconds. */
export type BrowserScenario = {
  readonly name: string;
  readonly stream: "live" | "vod";
  readonly viewers: number;
  /** Between two joins. */
  readonly joinEvery: number;
  /** From the last join to the end. */
  readonly stay: number;
  /** When set, the oldest viewer is replaced by a new one this often. */
  readonly replaceEvery?: number;
};

export const BROWSER_SCENARIOS: readonly BrowserScenario[] = [
  { name: "live, 8 viewers", stream: "live", viewers: 8, joinEvery: 2, stay: 60 },
  { name: "vod, 8 viewers", stream: "vod", viewers: 8, joinEvery: 4, stay: 60 },
  { name: "vod, 3 viewers leave", stream: "vod", viewers: 3, joinEvery: 4, stay: 60 },
  { name: "live, one replaced every 5 s", stream: "live", viewers: 6, joinEvery: 2, stay: 60, replaceEvery: 5 },
];

export const CONTENDERS = ["plain", "p2pml", "shoal"] as const;
export type Contender = (typeof CONTENDERS)[number];
