import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { HELP, readCommand, UsageError } from "../../sim/cli.ts";
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
      "--viewers 7 --minutes 0.5 --profile scarce --seed 9 --mode vod --joins every:2.5 --churn 0.5 --seeks 1 --bitrate 2 " +
        "--segment 6 --capacity 10 --outage 5-8 --no-range --tracker-down 12 --liars 1 --mutes 2 --boasters 3 --neighbours 4",
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
      bitsPerSecond: 2_000_000,
      segmentMs: 6000,
      origin: { ...DEFAULTS.origin, range: false, capacity: 10_000_000, outages: [{ fromMs: 5000, toMs: 8000 }] },
      trackerDownAtMs: 12_000,
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
    for (const name of ["viewers", "minutes", "profile", "seed", "json", "mode", "joins", "no-p2p", "no-plain"]) {
      assert.match(HELP, new RegExp(`--${name}\\b`));
    }
  });
});
