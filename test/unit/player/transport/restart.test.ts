import { describe, expect, test } from "vitest";
import { createRestarter, RESTART, type Role } from "../../../../player/transport/restart.ts";
import { fakeClock } from "./clocks.ts";

function restarterOf(role: Role) {
  const clock = fakeClock();
  const log: string[] = [];
  const at = (what: string) => () => void log.push(`${what} ${clock.now()}`);
  const silences: boolean[] = [];
  const restarter = createRestarter({
    role,
    clock,
    restart: at("restart"),
    giveUp: at("give up"),
    onSilence: (silent) => silences.push(silent),
  });
  return { clock, log, silences, restarter };
}

describe("a disconnected link", () => {
  test("is left alone when it heals within the grace", () => {
    const { clock, log, restarter } = restarterOf("caller");
    restarter.iceState("disconnected");
    clock.advance(RESTART.graceMs.caller - 1);
    restarter.iceState("connected");
    clock.advance(60_000);
    expect(log).toEqual([]);
  });

  test.each([
    ["caller", ["restart 1500", "restart 6500", "give up 11500"]],
    ["callee", ["restart 4000", "restart 9000", "give up 14000"]],
  ] as const)("is helped twice as the %s and then given up", (role, expected) => {
    const { clock, log, restarter } = restarterOf(role);
    restarter.iceState("disconnected");
    restarter.iceState("checking");
    restarter.iceState("disconnected");
    clock.advance(60_000);
    expect(log).toEqual(expected);
  });

  test("has its tries back once it was connected again", () => {
    const { clock, log, restarter } = restarterOf("caller");
    for (let i = 0; i < 3; i++) {
      restarter.iceState("disconnected");
      clock.advance(6_500);
      restarter.iceState("completed");
    }
    expect(log.filter((line) => line.startsWith("restart"))).toHaveLength(6);
    expect(log.filter((line) => line.startsWith("give up"))).toEqual([]);
  });

  test("is silent at once, and until it is connected again", () => {
    const { silences, restarter } = restarterOf("caller");
    restarter.iceState("disconnected");
    restarter.iceState("checking");
    expect(silences).toEqual([true]);
    restarter.iceState("connected");
    expect(silences).toEqual([true, false]);
  });

  test("is left alone after stop", () => {
    const { clock, log, restarter } = restarterOf("caller");
    restarter.iceState("disconnected");
    restarter.stop();
    clock.advance(60_000);
    expect(log).toEqual([]);
  });
});

test("a changed network restarts at once, but interfaces that come up together only once", () => {
  const { clock, log, restarter } = restarterOf("callee");
  restarter.networkChanged();
  restarter.networkChanged();
  clock.advance(RESTART.networkGapMs);
  restarter.networkChanged();
  expect(log).toEqual(["restart 0", "restart 5000"]);
});
