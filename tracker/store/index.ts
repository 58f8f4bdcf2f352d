export * from "./fallback.ts";
export * from "./memory/index.ts";
export * from "./port.ts";
export * from "./redis/index.ts";
