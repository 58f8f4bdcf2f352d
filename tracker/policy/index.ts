export * from "./book.ts";
export * from "./memory.ts";
export * from "./redis.ts";
export * from "./rules.ts";
export * from "./scope.ts";
