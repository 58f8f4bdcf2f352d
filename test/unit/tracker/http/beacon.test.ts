import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { BEACON_PATH } from "../../../../tracker/index.ts";
import { LIMITS } from "../../../../tracker/protocol/index.ts";
import { startTracker } from "../support/tracker.ts";
import { sample, sessionId, streamId } from "../support/values.ts";

const report = (samples: unknown[] = [sample({ seq: 9 })]) => ({
  stream: "stream",
  session: sessionId("session"),
  samples,
});

async function post(http: string, body: string, headers: Record<string, string> = { "content-type": "text/plain" }) {
  const response = await fetch(http + BEACON_PATH, { method: "POST", body, headers });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as { code: string; message: string }) : undefined };
}

test.each(["text/plain;charset=UTF-8", "application/json"])("a last report as %s is kept", async (type) => {
  const { http, kept } = await startTracker();
  expect(await post(http, JSON.stringify(report()), { "content-type": type })).toEqual({ status: 204 });
  expect(kept.map(({ sample: { seq } }) => seq)).toEqual([9]);
});

test.each([
  ["no JSON", "{", "malformed", "JSON"],
  ["a field missing", JSON.stringify({ ...report(), session: undefined }), "malformed", "session"],
  ["no samples", JSON.stringify(report([])), "malformed", "samples"],
  ["too many samples", JSON.stringify(report(Array(17).fill(sample()))), "malformed", "samples"],
  ["a bad sample", JSON.stringify(report([{ ...sample(), stalls: 0.5 }])), "refused-sample", "stalls"],
  [
    "another session's sample",
    JSON.stringify(report([sample({ session: sessionId("x") })])),
    "refused-sample",
    "session",
  ],
])("%s is a 400 that says so", async (_, body, code, named) => {
  const { http, kept } = await startTracker();
  const answer = await post(http, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ code, message: expect.stringContaining(named) });
  expect(kept).toEqual([]);
});

test("the good samples of a report with a bad one are kept", async () => {
  const { http, kept } = await startTracker();
  expect((await post(http, JSON.stringify(report([sample({ seq: 1 }), null])))).status).toBe(400);
  expect(kept).toHaveLength(1);
});

test("a body above the limit is refused, with its length told or not", async () => {
  const { http } = await startTracker();
  expect((await post(http, "x".repeat(LIMITS.messageBytes + 1))).status).toBe(413);
  const socket = connectTcp(Number(new URL(http).port), "127.0.0.1");
  socket.write(`POST ${BEACON_PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
  socket.write(chunk.repeat(5));
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
  socket.destroy();
  expect((await post(http, JSON.stringify(report()))).status).toBe(204);
});

test("a sender that breaks off leaves the tracker well", async () => {
  const { http } = await startTracker();
  const socket = connectTcp(Number(new URL(http).port), "127.0.0.1");
  socket.write(`POST ${BEACON_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{`);
  await once(socket, "connect");
  socket.resetAndDestroy();
  expect((await post(http, JSON.stringify(report()))).status).toBe(204);
});

test("the origin list and the sink's failure are told apart", async () => {
  const listed = await startTracker({ env: { ALLOWED_ORIGINS: "https://video.example" } });
  expect((await post(listed.http, JSON.stringify(report()))).status).toBe(403);
  expect((await post(listed.http, JSON.stringify(report()), { origin: "https://video.example" })).status).toBe(204);
  const failing = await startTracker({ samples: { accept: () => Promise.reject(new Error("down")) } });
  expect((await post(failing.http, JSON.stringify(report()))).status).toBe(503);
});

test("other paths and methods are not the beacon's", async () => {
  const { http } = await startTracker();
  expect((await fetch(http + BEACON_PATH)).status).toBe(404);
  expect((await fetch(`${http}/v1/other`, { method: "POST" })).status).toBe(404);
});

test("where viewers need a token, only those who were let in report, and for no other stream", async () => {
  const secret = "a secret that the backend shares with it";
  const { http, connect, kept, metric } = await startTracker({ env: { TOKEN_SECRET: secret } });
  const key = new TextEncoder().encode(secret);
  const token = await new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(key);
  const { resume } = await (await connect()).join({ token });
  const elsewhere = await (await connect()).join({ token, stream: streamId("elsewhere") });
  for (const shown of [undefined, "", "forged", `${resume}x`, elsewhere.resume]) {
    const answer = await post(http, JSON.stringify({ ...report(), resume: shown }));
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthorised" } });
  }
  expect(kept).toEqual([]);
  expect(await metric("refusals_total", { code: "unauthorised" })).toBe(5);
  expect(await post(http, JSON.stringify({ ...report(), resume }))).toEqual({ status: 204 });
  expect(kept).toHaveLength(1);
});
