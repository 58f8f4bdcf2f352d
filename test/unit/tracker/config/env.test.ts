import * as v from "valibot";
import { expect, test } from "vitest";
import { TRACKER_VARIABLES, TrackerEnvSchema } from "../../../../tracker/index.ts";

const read = (env: Record<string, string | undefined> = {}) => v.parse(TrackerEnvSchema, env);
const complaint = (env: Record<string, string>): string => {
  const result = v.safeParse(TrackerEnvSchema, env);
  if (result.success) throw new Error("expected a complaint");
  return result.issues.map(({ message }) => message).join("\n");
};

test("an empty environment gives the documented defaults", () => {
  const { swarmSecret, ...config } = read();
  expect(config).toEqual({
    origins: "*",
    iceServers: [],
    placeFiles: {},
    trustProxy: 0,
    terms: { mode: "share", uploadBitsPerSecond: 20_000_000, sampleMs: 5000, holdoutShare: 0 },
    neighbours: 8,
    site: "default",
    maxConnections: 50_000,
    maxConnectionsPerAddress: 4096,
    messagesPerSecond: 30,
    webtorrent: true,
    logAddresses: false,
  });
  expect(swarmSecret.length).toBeGreaterThanOrEqual(32);
  expect(read().swarmSecret).not.toBe(swarmSecret);
});

test("each documented default is what the variable itself would be read as, and empty means unset", () => {
  const defaults = Object.fromEntries(
    Object.entries(TRACKER_VARIABLES).map(([name, { default: text }]) => [name, text]),
  );
  const empty = Object.fromEntries(Object.keys(TRACKER_VARIABLES).map((name) => [name, " "]));
  const secret = { SWARM_SECRET: "the same every time" };
  expect(read({ ...defaults, ...secret })).toEqual(read(secret));
  expect(read({ ...empty, ...secret })).toEqual(read(secret));
});

test("other variables are left alone", () => {
  expect(read({ PATH: "/bin", SITE: "shop", UNSET: undefined }).site).toBe("shop");
});

test("origins and ICE servers in each form", () => {
  expect(read({ ALLOWED_ORIGINS: "https://a.example, http://localhost:8080" }).origins).toEqual(
    new Set(["https://a.example", "http://localhost:8080"]),
  );
  expect(read({ ICE_SERVERS: "stun:a.example, stuns:b.example:5349" }).iceServers).toEqual([
    { urls: ["stun:a.example"] },
    { urls: ["stuns:b.example:5349"] },
  ]);
  const json = '[{"urls":"stun:[2001:db8::1]:3478"},{"urls":["turn:t?transport=tcp"],"username":"u","credential":"c"}]';
  expect(read({ ICE_SERVERS: json }).iceServers).toEqual([
    { urls: ["stun:[2001:db8::1]:3478"] },
    { urls: ["turn:t?transport=tcp"], username: "u", credential: "c" },
  ]);
});

test("TURN servers with a secret, and for how long credentials are good", () => {
  const env = { TURN_SERVERS: "turn:a.example?transport=udp, turns:b.example", TURN_SECRET: "sixteen letters!" };
  const urls = ["turn:a.example?transport=udp", "turns:b.example"];
  expect(read(env).turn).toEqual({ urls, secret: "sixteen letters!", ttlMs: 14_400_000 });
  expect(read().turn).toBeUndefined();
});

test.each([
  ["TRUST_PROXY", "true", "whole number"],
  ["TRUST_PROXY", "-1", "whole number"],
  ["UPLOAD_LIMIT", "20M", "whole number"],
  ["UPLOAD_LIMIT", "1e6", "whole number"],
  ["SAMPLE_INTERVAL", "100", "500"],
  ["P2P_MODE", "on", "share, receive or off"],
  ["NEIGHBOURS", "17", "16"],
  ["NEIGHBOURS", "0", "1"],
  ["SITE", "x".repeat(65), "64"],
  ["SWARM_SECRET", "short", "16"],
  ["MAX_CONNECTIONS", "0", "1"],
  ["MAX_CONNECTIONS_PER_ADDRESS", "many", "whole number"],
  ["MESSAGES_PER_SECOND", "0.5", "whole number"],
  ["ALLOWED_ORIGINS", "video.example", "https://video.example"],
  ["ALLOWED_ORIGINS", "https://video.example/", '"https://video.example"'],
  ["ALLOWED_ORIGINS", "https://a.example,,", "origin"],
  ["ICE_SERVERS", "stun.example:3478", "stun:host"],
  ["ICE_SERVERS", "turn:turn.example", "username and a credential"],
  ["ICE_SERVERS", '[{"urls":[]}]', "at least one"],
  ["ICE_SERVERS", '[{"url":"stun:a"}]', "urls"],
  ["ICE_SERVERS", '[{"urls":"http://a"}]', "ICE URL"],
  ["ICE_SERVERS", '[{"urls":["http://a"]}]', "ICE URL"],
  ["HOLDOUT_SHARE", "5%", "0 to 1"],
  ["HOLDOUT_SHARE", "1.5", "0 to 1"],
  ["ADMIN_TOKEN", "fifteen-letters", "16"],
  ["ADMIN_TOKEN", "sixteen with spaces", "without space"],
  ["TURN_SERVERS", "turn:a.example", "together"],
  ["TURN_SECRET", "sixteen letters!", "together"],
  ["TURN_SECRET", "short", "16"],
  ["TURN_TTL", "59", "60"],
  ["ICE_SERVERS", "[", "JSON"],
  ["ICE_SERVERS", Array(9).fill("stun:a").join(), "at most 7"],
])("%s=%j is refused by name, with what is expected", (name, value, expected) => {
  const text = complaint({ [name]: value });
  const about = name === "TURN_SERVERS" ? "TURN_SECRET" : name;
  for (const line of text.split("\n")) expect(line).toMatch(new RegExp(`^${about}: `));
  expect(text).toContain(expected);
  expect(text).toMatch(/expected/);
});

test("viewers' tokens are checked with a secret or with public keys, not with both", () => {
  const secret = "at least thirty-two characters long";
  expect(read({ TOKEN_SECRET: secret }).tokenKeys).toEqual({ secret });
  expect(read({ TOKEN_JWKS: "https://a.example/jwks" }).tokenKeys).toEqual({ jwks: new URL("https://a.example/jwks") });
  expect(complaint({ TOKEN_SECRET: secret, TOKEN_JWKS: "https://a.example/jwks" })).toMatch(/^TOKEN_JWKS: expected/);
  expect(complaint({ TOKEN_SECRET: "too short" })).toMatch(/^TOKEN_SECRET: expected/);
  expect(complaint({ TOKEN_JWKS: "a.example/jwks" })).toMatch(/^TOKEN_JWKS: expected/);
});
