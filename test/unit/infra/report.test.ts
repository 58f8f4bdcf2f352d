import { afterAll, beforeAll, expect, it } from "vitest";
import { readArguments } from "../../../infra/report/arguments.ts";
import { report } from "../../../infra/report/run.ts";
import { tableOf } from "../../../infra/report/table.ts";
import { NOON, received, sessionId } from "../worker/samples.ts";
import { type ServedReports, serveReports } from "../worker/serve-reports.ts";

const TOKEN = "site-0123456789abcdef";
let served: ServedReports;
beforeAll(async () => {
  served = await serveReports({ kind: "tokens", tokens: [{ site: "site", token: TOKEN }] });
  await served.worker.sink.accept({ samples: [received(), received({ session: sessionId(2), stream: "=1+1" })] });
});
afterAll(() => served.stop());

/** What the command line writes, and how it ends. */
const run = async (...args: string[]) => {
  const said = { out: "", err: "" };
  const code = await report(
    ["--url", served.origin, ...args],
    {},
    {
      out: async (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
    },
  );
  return { ...said, code };
};

it("prints a table, CSV and JSON of a running server", async () => {
  const range = ["--from", String(NOON - 60_000), "--to", String(NOON + 60_000), "--token", TOKEN];
  const [table, csv, json, refused] = await Promise.all([
    run("--stream", "film", ...range),
    run("--by", "stream", "--format", "csv", ...range),
    run("--report", "series", "--format", "json", ...range),
    run("--from", "yesterday", "--token", TOKEN),
  ]);
  expect(table.out).toMatch(/^bytes\.played\s+1\.00 kB$/m);
  expect(csv.out.split("\r\n")[1]).toMatch(/^'=1\+1,1,|^film,1,/);
  expect(JSON.parse(json.out).points).toHaveLength(3);
  expect([table.code, csv.code, json.code]).toEqual([0, 0, 0]);
  expect(refused).toMatchObject({ code: 1, out: "", err: expect.stringContaining("`from` must be") });
});

it("says where nobody answers", async () => {
  expect(await run("--url", "http://127.0.0.1:1")).toMatchObject({
    code: 1,
    err: expect.stringContaining("http://127.0.0.1:1"),
  });
});

it("says in a line what is wrong", () => {
  expect(readArguments(["--steam", "film"], {})).toMatchObject({
    kind: "wrong",
    message: expect.stringContaining("--steam"),
  });
  expect(readArguments(["--format", "xml"], {})).toMatchObject({ kind: "wrong" });
  expect(readArguments(["--report", "all"], {})).toMatchObject({ kind: "wrong" });
  expect(readArguments(["--url", "here"], {})).toMatchObject({ kind: "wrong" });
});

it("takes server and token from the environment, and the server's path as it is", () => {
  const read = readArguments(["--stream", "a b&c"], { SHOAL_URL: "https://a.example/shoal", SHOAL_TOKEN: TOKEN });
  if (read.kind !== "wanted") throw new Error(read.kind);
  expect(read.wanted.url.href).toBe("https://a.example/shoal/api/v1/reports/summary?stream=a+b%26c");
  expect(read.wanted.token).toBe(TOKEN);
});

it("lets no stream's name move the terminal's cursor", () => {
  expect(
    tableOf([
      { stream: "\u001b[2Jfilm", played: 12 },
      { stream: "b", played: 1_000 },
    ]),
  ).toBe("stream     played\n?[2Jfilm     12 B\nb         1.00 kB\n");
  expect(tableOf([])).toContain("Nothing");
});

it("tells each figure in its unit, and times as UTC", () => {
  const table = tableOf([
    {
      at: NOON,
      bytes: { cdn: 1_250_000 },
      offload: 0.672,
      quality: { startup: { p50: 456 }, stallMs: 12_400, stalls: 3, bitsPerSecond: 1_250_000, stall: null },
      stallRatio: { p2p: 0.002, needed: 100 },
      money: { currency: "EUR", saved: 12.4 },
    },
  ]);
  expect(table.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["at", new Date(NOON).toISOString().slice(0, 19).replace("T", " ")],
    ["bytes.cdn", "1.25 MB"],
    ["offload", "67.2 %"],
    ["quality.startup.p50", "456 ms"],
    ["quality.stallMs", "12.4 s"],
    ["quality.stalls", "3"],
    ["quality.bitsPerSecond", "1.25 Mbit/s"],
    ["quality.stall", "–"],
    ["stallRatio.p2p", "0.2 %"],
    ["stallRatio.needed", "100"],
    ["money.currency", "EUR"],
    ["money.saved", "12.40 EUR"],
    [""],
  ]);
});
