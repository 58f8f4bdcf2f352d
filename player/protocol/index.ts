export * from "./codec.ts";
export * from "./errors.ts";
export * from "./frames.ts";
export * from "./limits.ts";
export * from "./segment.ts";
