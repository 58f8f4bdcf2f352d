import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import {
  CLOSE_CODES,
  ERROR_CODES,
  FINAL_CLOSE_CODES,
  LIMITS,
  parseSignal,
  TrackerMessageSchema,
  ViewerMessageSchema,
} from "../../../tracker/protocol/index.ts";
import { INTRODUCTION_LIMIT, INTRODUCTIONS_KEPT } from "../../../tracker/swarm/index.ts";

/** The protocol's page promises things to people who write clients: each promise is held against the code. */
const file = readFileSync(new URL("../../../tracker/protocol/README.md", import.meta.url), "utf8");
/** Without the padding of its tables. */
const page = file.replace(/ +\|/g, " |");
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, json]) => JSON.parse(json ?? "") as { t?: string },
);

test("every example passes its schema, and every message has one", () => {
  const types = new Set<string>();
  for (const example of examples) {
    if (example.t === undefined) continue;
    types.add(example.t);
    const known = v.is(ViewerMessageSchema, example) || v.is(TrackerMessageSchema, example);
    expect(known, JSON.stringify(example)).toBe(true);
  }
  const documented = [...ViewerMessageSchema.options, ...TrackerMessageSchema.options].map(
    (one) => one.entries.t.literal,
  );
  expect([...types].sort()).toEqual([...documented].sort());
});

test("the examples of signal frames can be parsed", () => {
  const frames = [...page.matchAll(/```\n([<>].*)\n```/g)].map(([, frame]) => frame ?? "");
  expect(frames).toHaveLength(2);
  for (const frame of frames) expect(parseSignal(frame)?.payload).toContain("offer");
});

test("every error code and close code is explained, and says rightly whether to come back", () => {
  for (const code of ERROR_CODES) expect(page).toContain(`\n| \`${code}\` |`);
  for (const [name, code] of Object.entries(CLOSE_CODES)) {
    const row = page.split("\n").find((line) => line.startsWith(`| ${code} | \`${name}\` |`));
    expect(row, name).toBeDefined();
    expect(/\| (no|not [^|]*) \|$/.test(row ?? "")).toBe(FINAL_CLOSE_CODES.has(code));
  }
});

test("the limits in the table are the ones in force", () => {
  const rows = {
    "a message, in either direction": LIMITS.messageBytes,
    "a signal's payload": LIMITS.signalLength,
    "neighbours in one answer": LIMITS.neighbours,
    "segments in one `ask`": LIMITS.askedSegments,
    "blocks of one segment": LIMITS.blocksPerSegment,
    "samples in one `report`": LIMITS.samplesPerReport,
    "introductions to strangers": INTRODUCTION_LIMIT.burst,
  };
  for (const [what, limit] of Object.entries(rows)) expect(page).toMatch(new RegExp(`\\| ${what} \\| ${limit}\\b`));
  expect(page).toContain(`latest ${INTRODUCTIONS_KEPT} are kept`);
});
