import { expect, test } from "vitest";
import { createTokenUses } from "../../../../tracker/access/token-uses.ts";

const token = (name: string, uses = 1, expiresAt = 1000) => ({ token: name, uses, expiresAt });

test("counts each token by itself", () => {
  const take = createTokenUses();
  expect([take(token("a", 2), 0), take(token("b"), 0), take(token("a", 2), 0)]).toEqual([true, true, true]);
  expect([take(token("a", 2), 0), take(token("b"), 0)]).toEqual([false, false]);
});

test("keeps no more than it may: what has expired goes first, then what is oldest", () => {
  const take = createTokenUses(2);
  take(token("old", 1, 10), 0);
  take(token("a"), 0);
  take(token("b"), 20);
  expect(take(token("a"), 20)).toBe(false);
  take(token("c"), 20);
  expect(take(token("b"), 20)).toBe(false);
  expect(take(token("a"), 20)).toBe(true);
});
