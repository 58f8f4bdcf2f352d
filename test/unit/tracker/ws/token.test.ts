import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { startTracker } from "../support/tracker.ts";
import { sessionId, streamId } from "../support/values.ts";

const SECRET = "a secret that the backend shares with it";
const NOW = 1_700_000_000_000;
const bytes = (secret: string) => new TextEncoder().encode(secret);

const sign = (claims: Record<string, unknown>, secret = SECRET): Promise<string> =>
  new SignJWT({ exp: NOW / 1000 + 60, ...claims }).setProtectedHeader({ alg: "HS256" }).sign(bytes(secret));
const start = (env: Record<string, string> = { TOKEN_SECRET: SECRET }) => startTracker({ env, wallClock: () => NOW });
const joinWith = (token: string | undefined) => ({
  ...{ t: "join", v: 1, stream: streamId("stream"), session: sessionId("s"), upload: "share", player: "test", token },
});

test("a token of the backend's lets a viewer in", async () => {
  const { connect } = await start();
  for (const claims of [{}, { site: "default", stream: "stream" }]) {
    expect((await (await connect()).join({ token: await sign(claims) })).t).toBe("welcome");
  }
});

test.each<[string, () => Promise<string | undefined>]>([
  ["none", async () => undefined],
  ["no JWT", async () => "open sesame"],
  ["another secret's", () => sign({}, "a secret that somebody else made up today")],
  ["one that has expired", () => sign({ exp: NOW / 1000 - 31 })],
  ["one for another stream", () => sign({ stream: "elsewhere" })],
  ["one for another site", () => sign({ site: "elsewhere" })],
  ["one that never expires", () => sign({ exp: undefined })],
  ["one for more viewers than one can be", () => sign({ viewer: "v".repeat(257) })],
  ["one for no use at all", () => sign({ uses: 0 })],
  ["an unsigned one", async () => `${btoa('{"alg":"none"}')}.${btoa(`{"exp":${NOW}}`)}.`.replaceAll("=", "")],
])("%s is unauthorised", async (_, token) => {
  const { connect, metric } = await start();
  const client = await connect();
  client.send(joinWith(await token()));
  expect((await client.next("error")).code).toBe("unauthorised");
  expect((await client.closed).code).toBe(4401);
  expect(await metric("viewers")).toBe(0);
});

test("a token is good for as many joins as it says; whoever comes back as the one it was needs none of them", async () => {
  const { connect } = await start();
  const token = await sign({ uses: 2 });
  const [first, second] = [await connect(), await connect()];
  const welcome = await first.join({ token });
  expect((await second.join({ token })).t).toBe("welcome");
  const third = await connect();
  third.send(joinWith(token));
  expect(await third.next("error")).toMatchObject({
    code: "unauthorised",
    message: expect.stringContaining("as often"),
  });
  await third.closed;
  const other = await connect();
  expect((await other.join({ token: await sign({ uses: 1, stream: "stream" }) })).t).toBe("welcome");
  await first.close();
  const back = await connect();
  expect((await back.join({ token, resume: welcome.resume })).t).toBe("welcome");
});

test("whom a token names is held out or not by that name, whatever the page calls itself", async () => {
  const { connect } = await start({
    TOKEN_SECRET: SECRET,
    HOLDOUT_SHARE: "0.5",
    SWARM_SECRET: "a secret of the tests",
  });
  const modes = async (viewer: string): Promise<ReadonlySet<string>> => {
    const token = await sign({ viewer });
    const seen = ["a", "b", "c", "d", "e", "f", "g", "h"].map(async (page) => {
      const client = await connect();
      return (await client.join({ token, viewer: sessionId(page), session: sessionId(viewer + page) })).policy.mode;
    });
    return new Set(await Promise.all(seen));
  };
  const each = await Promise.all(["ann", "bob", "cy", "di", "eve", "flo", "guy", "hal"].map(modes));
  expect(each.map(({ size }) => size)).toEqual(each.map(() => 1));
  expect(new Set(each.flatMap((mode) => [...mode]))).toEqual(new Set(["share", "off"]));
});

test("WebTorrent's clients, who have no tokens, are served only where the operator says so", async () => {
  const announced = async (env: Record<string, string>) => (await start(env)).tracker.announce !== undefined;
  expect(await announced({})).toBe(true);
  expect(await announced({ TOKEN_SECRET: SECRET })).toBe(false);
  expect(await announced({ TOKEN_SECRET: SECRET, WEBTORRENT: "on" })).toBe(true);
});

test("public keys are fetched; while they cannot be, nobody is told that its token is wrong", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const key = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" };
  let status = 503;
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify({ keys: [key] })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { connect } = await start({ TOKEN_JWKS: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` });
  const token = await new SignJWT({ exp: NOW / 1000 + 60 })
    .setProtectedHeader({ alg: "ES256", kid: "one" })
    .sign(privateKey);
  const early = await connect();
  early.send(joinWith(token));
  expect((await early.next("error")).code).toBe("internal");
  expect((await early.closed).code).toBe(1011);
  status = 200;
  expect((await (await connect()).join({ token })).t).toBe("welcome");
});
