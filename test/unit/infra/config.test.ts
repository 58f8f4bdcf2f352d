import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../infra/start/config.ts";
import { help } from "../../../infra/start/help.ts";
import { variablesOf } from "../../../infra/start/variables.ts";
import { TRACKER_VARIABLES } from "../../../tracker/config/index.ts";
import { WorkerEnvSchema } from "../../../worker/config.ts";

const ALL = ["shell", "tracker", "worker"] as const;

function refusal(env: Record<string, string>): readonly string[] {
  const read = readConfig(env, ALL);
  return read.kind === "refused" ? read.lines : [];
}

describe("readConfig", () => {
  it("has a default for everything, and takes empty for unset", () => {
    const unset = readConfig({}, ALL);
    expect(unset).toMatchObject({
      kind: "read",
      config: { shell: { port: 8080, host: "127.0.0.1", logLevel: "warn" }, worker: { maxStreams: 1000 } },
    });
    const empty = Object.fromEntries(
      variablesOf("all").flatMap(([, group]) => Object.keys(group).map((name) => [name, ""])),
    );
    expect(readConfig(empty, ["shell", "worker"])).toEqual(readConfig({}, ["shell", "worker"]));
    expect(readConfig(empty, ALL).kind).toBe("read");
  });

  it("tells every wrong variable at once, one line each that begins with its name", () => {
    const lines = refusal({
      PORT: "abc",
      LOG_LEVEL: "loud",
      NEIGHBOURS: "900",
      MAX_STREAMS: "0",
      SHOAL_UNKNOWN: "x",
    });
    expect(lines.map((line) => /^[A-Z_]+/.exec(line)?.[0])).toEqual(["PORT", "LOG_LEVEL", "NEIGHBOURS", "MAX_STREAMS"]);
    expect(lines[0]).toBe("PORT: expected a whole number from 0 to 65535");
    expect(lines.join("")).not.toContain("\n");
  });

  it.each(["-1", "65536", "80.5", "0x50", "1e3", "8080 8081"])("does not take PORT=%s", (PORT) => {
    expect(refusal({ PORT })).toHaveLength(1);
  });

  it.each(["a b", "http://x", "x/y"])("does not take HOST=%s", (HOST) => {
    expect(refusal({ HOST })).toHaveLength(1);
  });
});

describe("help", () => {
  it("lists every variable that is read", () => {
    const workerNames = Object.keys(WorkerEnvSchema.pipe[0].entries);
    for (const name of ["PORT", "HOST", "LOG_LEVEL", ...Object.keys(TRACKER_VARIABLES), ...workerNames]) {
      expect(help("all")).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    expect(help("tracker")).not.toContain("MAX_STREAMS");
  });

  it("tells the worker's defaults as they are", () => {
    const [, , reports] = variablesOf("all");
    const told = Object.fromEntries(
      Object.entries(reports?.[1] ?? {}).map(([name, { default: preset }]) => [name, preset]),
    );
    expect(readConfig(told, ["worker"])).toEqual(readConfig({}, ["worker"]));
  });
});

describe("npm start", () => {
  it("ends with code 1 and without a stack trace when a variable is wrong", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", "infra/start/main.ts"], {
      env: { ...process.env, PORT: "abc", P2P_MODE: "maybe" },
    });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect(code).toBe(1);
    expect(said.trim().split("\n")).toEqual([
      expect.stringContaining("Shoal cannot start"),
      "  PORT: expected a whole number from 0 to 65535",
      expect.stringMatching(/^ {2}P2P_MODE: expected share, receive or off/),
    ]);
  });
});
