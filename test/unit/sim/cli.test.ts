import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { HELP, readCommand } from "../../sim/cli.ts";
import { UsageError } from "../../sim/cli-values.ts";
import { DEFAULTS, type Scenario } from "../../sim/scenario.ts";

const read = (text: string): Scenario => {
  const command = readCommand(text.split(" ").filter(Boolean));
  assert.equal(command.kind, "run");
  return command.kind === "run" ? command.scenario : DEFAULTS;
};

describe("the simulator's command line", () => {
  it("runs the defaults when told nothing", () => {
    assert.deepEqual(read(""), DEFAULTS);
  });

  it("takes every part of a scenario", () => {
    const changed = read(
      "--viewers 7 --minutes 0.5 --profile scarce --seed 9 --mode vod --joins every:2.5 --churn 0.5 --seeks 1 --bitrate 2,0.5 " +
        "--nat 50,20,30 --switches 1 --policy 9:off,20:share --segment 6 --capacity 10 --outage 5-8 --no-range --tracker-down 12-30 --liars 1 --mutes 2 --boasters 3 --neighbours 4",
    );
    assert.deepEqual(changed, {
      ...DEFAULTS,
      viewers: 7,
      minutes: 0.5,
      profile: "scarce",
      seed: 9,
      mode: "vod",
      joins: { kind: "every", everyMs: 2500 },
      leaves: { perMinute: 0.5, replace: true, vanish: 0.5 },
      seeksPerMinute: 1,
      nat: { open: 0.5, mapped: 0.2, symmetric: 0.3 },
      bitrates: [500_000, 2_000_000],
      switchesPerMinute: 1,
      segmentMs: 6000,
      origin: { ...DEFAULTS.origin, range: false, capacity: 10_000_000, outages: [{ fromMs: 5000, toMs: 8000 }] },
      trackerDown: { fromMs: 12_000, toMs: 30_000, share: 1 },
      policies: [
        { atMs: 9000, mode: "off" },
        { atMs: 20_000, mode: "share" },
      ],
      rogues: { liars: 1, mutes: 2, boasters: 3 },
      limits: { ...DEFAULTS.limits, neighbours: 4 },
    });
  });

  it("compares with a run without peers unless told not to", () => {
    const compare = (text: string) => {
      const command = readCommand(text.split(" ").filter(Boolean));
      return command.kind === "run" && command.compare;
    };
    assert.deepEqual(["", "--no-plain", "--no-p2p"].map(compare), [true, false, false]);
  });

  it("says what is wrong", () => {
    const wrong: [string, RegExp][] = [
      ["--viewers 0", /--viewers must be a number from 1/],
      ["--viewers 1.5", /whole number/],
      ["--minutes x", /--minutes/],
      ["--profile moon", /lan, broadband, scarce/],
      ["--joins soon", /flash:10/],
      ["--outage 9-3", /60-80/],
      ["--nat 50,20,20", /add up to 100/],
      ["--bitrate 1,x", /0.4,0.8,1.3/],
      ["--policy 9:maybe", /60:off/],
      ["--nonsense", /nonsense/],
    ];
    for (const [text, message] of wrong) {
      assert.throws(
        () => read(text),
        (error) => error instanceof UsageError && message.test(error.message),
        text,
      );
    }
  });

  it("names every option in its help", () => {
    for (const name of [
      "viewers",
      "minutes",
      "profile",
      "seed",
      "json",
      "mode",
      "joins",
      "no-p2p",
      "no-plain",
      "nat",
      "policy",
    ]) {
      assert.match(HELP, new RegExp(`--${name}\\b`));
    }
  });
});
