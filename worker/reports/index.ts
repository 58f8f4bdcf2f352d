export * from "./bucket.ts";
export * from "./checks.ts";
export * from "./minute.ts";
export * from "./query.ts";
export * from "./range.ts";
export * from "./startup.ts";
export * from "./viewers.ts";
