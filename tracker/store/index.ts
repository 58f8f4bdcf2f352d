export * from "./memory/index.ts";
export * from "./port.ts";
