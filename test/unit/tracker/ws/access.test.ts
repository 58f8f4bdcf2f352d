import { expect, test } from "vitest";
import { startTracker } from "../support/tracker.ts";

test("a page of another origin is turned away with a code that it can see", async () => {
  const { connect, metric } = await startTracker({ env: { ALLOWED_ORIGINS: "https://video.example" } });
  expect((await (await connect({ origin: "https://evil.example" })).closed).code).toBe(4403);
  expect((await (await connect()).closed).code).toBe(4403);
  expect((await (await connect({ origin: "https://video.example" })).join()).size).toBe(1);
  expect(await metric("refusals_total", { code: "origin-not-allowed" })).toBe(2);
});

test("a full tracker says so, and has room again when somebody leaves", async () => {
  const { connect, metric } = await startTracker({ env: { MAX_CONNECTIONS: "2" } });
  const first = await connect();
  await (await connect()).join();
  const third = await connect();
  expect((await third.next("error")).code).toBe("full");
  expect((await third.closed).code).toBe(4507);
  await first.close();
  await expect.poll(() => metric("sockets")).toBe(1);
  await (await connect()).join();
});

test("one address cannot take every place", async () => {
  const { connect, metric } = await startTracker({ env: { MAX_CONNECTIONS_PER_ADDRESS: "1", TRUST_PROXY: "1" } });
  const here = { "x-forwarded-for": "198.51.100.1" };
  const first = await connect(here);
  await first.join();
  expect((await (await connect(here)).closed).code).toBe(4507);
  await (await connect({ "x-forwarded-for": "198.51.100.2" })).join();
  await first.close();
  await expect.poll(() => metric("sockets")).toBe(1);
  await (await connect(here)).join();
});
