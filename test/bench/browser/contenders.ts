/** What plays the same media in turn: hls.js alone, with p2p-media-loader, with Shoal. */
export const CONTENDERS = ["plain", "p2pml", "shoal"] as const;
export type Contender = (typeof CONTENDERS)[number];
