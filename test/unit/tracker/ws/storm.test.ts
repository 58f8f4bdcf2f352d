import { expect, test } from "vitest";
import { startTracker } from "../support/tracker.ts";

test("ten thousand messages at once from one socket end it, and cost its neighbours nothing", async () => {
  const { connect, metric } = await startTracker({ clock: () => 1_700_000_000_000 });
  const [flood, calm] = [await connect(), await connect()];
  await flood.join();
  const { id } = await calm.join();
  const message = JSON.stringify({ t: "ask", segments: ["s"] });
  for (let sent = 0; sent < 10_000; sent++) flood.sendText(message);
  expect((await flood.closed).code).toBe(4429);
  // What the rate allows was handled (30 a second, ten seconds' worth); the rest was only counted.
  expect(await metric("messages_total", { type: "ask" })).toBeLessThan(300);
  const third = await connect();
  await third.join();
  third.signal(id, "still here");
  expect((await calm.nextSignal()).payload).toBe("still here");
});

test("a storm of joins from one address ends at its cap; viewers elsewhere are taken in", async () => {
  const { connect, metric } = await startTracker({ env: { MAX_CONNECTIONS_PER_ADDRESS: "20", TRUST_PROXY: "1" } });
  const from = (address: string) => connect({ "x-forwarded-for": address });
  const storm = await Promise.all(Array.from({ length: 100 }, () => from("192.0.2.1")));
  const ends = await Promise.all(
    storm.map((client) =>
      Promise.race([client.join().then(() => "joined"), client.closed.then(({ code }) => code)]).catch(() =>
        client.closed.then(({ code }) => code),
      ),
    ),
  );
  expect(ends.filter((end) => end === "joined")).toHaveLength(20);
  expect(ends.filter((end) => end === 4507)).toHaveLength(80);
  expect(await metric("refusals_total", { code: "full" })).toBe(80);
  expect((await (await from("192.0.2.2")).join()).size).toBe(21);
});
