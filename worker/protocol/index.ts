export * from "./batch.ts";
export * from "./sample.ts";
export * from "./summary.ts";
