import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { createQueue } from "../../sim/queue.ts";

describe("the event queue", () => {
  it("runs events by time, and those of one time in the order they were put", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
        const queue = createQueue();
        const ran: [number, number][] = [];
        for (const [order, time] of times.entries()) queue.at(time, () => ran.push([queue.now(), order]));
        assert.equal(queue.run(1000, 1e6), false);
        const expected = times.map((time, order): [number, number] => [time, order]);
        assert.deepEqual(
          ran,
          expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
        );
      }),
    );
  });

  it("runs what an event puts for the same moment after what was there, and nothing beyond the end", () => {
    const queue = createQueue();
    const ran: string[] = [];
    queue.at(5, () => {
      ran.push("first");
      queue.after(0, () => ran.push("third"));
      queue.at(1, () => ran.push("fourth, for the past"));
    });
    queue.at(5, () => ran.push("second"));
    queue.at(11, () => ran.push("too late"));
    queue.run(10, 100);
    assert.deepEqual(ran, ["first", "second", "third", "fourth, for the past"]);
    assert.equal(queue.now(), 10);
  });

  it("stops after the number of events it was given, and goes on from there", () => {
    const queue = createQueue();
    let ran = 0;
    for (let i = 0; i < 10; i++) queue.at(i, () => ran++);
    assert.equal(queue.run(100, 4), true);
    assert.equal(ran, 4);
    assert.equal(queue.run(100, 100), false);
    assert.equal(ran, 10);
  });
});
