import { StoreError } from "./store-error.ts";

const unreadable = (expected: string): StoreError =>
  new StoreError(
    "unreadable",
    `Redis answered with something else than ${expected}; do other programs use these keys?`,
  );

/** @throws StoreError `unreadable` */
export function readNumber(reply: unknown): number {
  if (typeof reply !== "number") throw unreadable("a number");
  return reply;
}

/** @throws StoreError `unreadable` */
export function readText(reply: unknown): string | null {
  if (typeof reply !== "string" && reply !== null) throw unreadable("a text");
  return reply;
}

/** @throws StoreError `unreadable` */
export function readTexts(reply: unknown): (string | null)[] {
  if (!Array.isArray(reply)) throw unreadable("texts");
  return reply.map(readText);
}
