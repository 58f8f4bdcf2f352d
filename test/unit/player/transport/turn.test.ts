import { afterAll, beforeAll, expect, test } from "vitest";
import { turnServer } from "../../../../tracker/access/turn-credentials.ts";
import type { IceServer } from "../../../../tracker/protocol/index.ts";
import { type Coturn, startCoturn } from "../../../support/coturn.ts";
import { createSignalling, neighbour } from "./viewers.ts";

/** Credentials as the tracker mints them, over a real coturn that is configured as operators are told to. */
let coturn: Coturn;
beforeAll(async () => {
  coturn = await startCoturn();
});
afterAll(() => coturn.stop());

const HOUR = 3_600_000;
const minted = (fields: { secret?: string; ttlMs?: number } = {}, label = "a-viewer"): IceServer =>
  turnServer({ urls: [coturn.url], secret: coturn.secret, ttlMs: HOUR, ...fields }, label, Date.now());

/** Two viewers who may use relayed candidates only. */
function relayedPair(server: IceServer) {
  const net = createSignalling();
  const options = { rtcConfig: { iceTransportPolicy: "relay" as const } };
  const [a, b] = [net.viewer("a", options), net.viewer("b", options)];
  for (const { mesh } of [a, b]) mesh.setIceServers([server]);
  b.mesh.expect(neighbour("a"));
  a.mesh.call(neighbour("b"));
  return { net, a, b };
}

test("a pair that can only be relayed connects with minted credentials, and its bytes are known to be relayed", async () => {
  const { net, a, b } = relayedPair(minted());
  await Promise.all([a.saw("open"), b.saw("open")]);
  expect([a.seen[0], b.seen[0]].map((event) => event?.t === "open" && event.path)).toEqual(["own-relay", "own-relay"]);
  const block = new Uint8Array(65_000).fill(7);
  expect(a.mesh.send(b.id, block)).toBe(true);
  await b.saw("message");
  const got = b.seen.find((event) => event.t === "message");
  expect(got?.t === "message" && got.bytes.byteLength).toBe(65_000);
  net.close();
});

test.each([
  ["expired", () => minted({ ttlMs: -60_000 }, "expired")],
  ["made with another secret", () => minted({ secret: "a secret of somebody" }, "forged")],
  [
    "prolonged by their holder",
    () => {
      const { urls, credential } = minted({ ttlMs: -60_000 }, "prolonged");
      return { urls, username: minted({}, "prolonged").username, credential };
    },
  ],
])("credentials that are %s open nothing", async (_, credentials) => {
  const server = credentials();
  const { net, a, b } = relayedPair(server);
  const label = server.username?.split(":")[1] ?? "";
  // coturn's own word that it has refused, and no candidate that could be tried.
  await expect.poll(() => coturn.output().includes(label), { timeout: 10_000 }).toBe(true);
  await net.sent(a.id, "offer");
  expect([...net.kinds(a.id), ...net.kinds(b.id)]).not.toContain("candidate");
  expect(a.count("open") + b.count("open")).toBe(0);
  net.close();
});
