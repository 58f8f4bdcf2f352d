import { describe, expect, it } from "vitest";
import { readConfig } from "../../../infra/start/config.ts";

const PARTS = ["redis", "tracker"] as const;
const read = (env: Record<string, string>) => {
  const result = readConfig(env, PARTS);
  if (result.kind === "refused") throw new Error(result.lines.join("\n"));
  return result.config;
};

describe("REDIS_URL", () => {
  it("is memory when unset", () => {
    expect(read({}).redis).toEqual({ kind: "none" });
  });

  it.each([
    ["redis://127.0.0.1:6379", { url: "redis://127.0.0.1:6379" }],
    ["rediss://user:p%40ss@redis.example/2", { url: "rediss://user:p%40ss@redis.example/2" }],
    ["redis://[::1]:6379", { url: "redis://[::1]:6379" }],
    ["redis+cluster://a:1, b:2", { nodes: ["redis://a:1", "redis://b:2"] }],
    ["rediss+cluster://:word@a:1", { nodes: ["rediss://:word@a:1"] }],
  ])("%s", (url, place) => {
    expect(read({ REDIS_URL: url, REDIS_PREFIX: "mine" }).redis).toEqual({ kind: "redis", place, prefix: "mine" });
  });

  it.each([
    "127.0.0.1:6379",
    "http://a",
    "redis://",
    "redis://a:1,b:2",
    "redis+cluster://a:1,",
    "redis://:word@a:99999",
  ])("refuses %s in one line that names it and holds no password", (url) => {
    const result = readConfig({ REDIS_URL: url }, PARTS);
    expect(result).toEqual({ kind: "refused", lines: [expect.stringMatching(/^REDIS_URL: expected redis:/)] });
    expect(JSON.stringify(result)).not.toContain("word");
  });

  it("refuses a prefix that no key can begin with", () => {
    expect(readConfig({ REDIS_PREFIX: "a b" }, PARTS)).toMatchObject({
      lines: [expect.stringMatching(/^REDIS_PREFIX: /)],
    });
  });
});

describe("SWARM_SECRET", () => {
  const secret = (env: Record<string, string>) => read(env).tracker.swarmSecret;
  const REDIS_URL = "redis://:word@a:1";

  it("is the same for all processes on one Redis when it is not given, and for nobody else", () => {
    expect(secret({ REDIS_URL })).toBe(secret({ REDIS_URL }));
    expect(secret({ REDIS_URL })).not.toBe(secret({ REDIS_URL: "redis://:other@a:1" }));
    expect(secret({})).not.toBe(secret({}));
  });

  it("is what the operator says", () => {
    expect(secret({ REDIS_URL, SWARM_SECRET: "sixteen letters!" })).toBe("sixteen letters!");
  });
});
