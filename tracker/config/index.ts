export * from "./schema.ts";
export * from "./variables.ts";
