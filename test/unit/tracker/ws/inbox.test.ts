import { expect, test } from "vitest";
import { Inbox } from "../../../../tracker/ws/inbox.ts";
import { INBOX_MESSAGES } from "../../../../tracker/ws/timings.ts";

/** An inbox whose handler waits for the test, where it is told to. */
function setup(handle: (text: string) => void | Promise<void>) {
  const calls: string[] = [];
  const errors: unknown[] = [];
  class TestInbox extends Inbox<string> {
    protected override handle(text: string) {
      calls.push(text);
      return handle(text);
    }
    protected override overtakes = (text: string) => text.startsWith("!");
    protected override onError = (error: unknown) => void errors.push(error);
    protected override pause = () => void calls.push("pause");
    protected override resume = () => void calls.push("resume");
  }
  return { inbox: new TestInbox(), calls, errors };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("messages whose handler answers at once are handled at once", () => {
  const { inbox, calls } = setup(() => undefined);
  inbox.put("a");
  inbox.put("b");
  expect(calls).toEqual(["a", "b"]);
});

test("one handler at a time; the socket is paused while too many wait, and resumed when none does", async () => {
  const gates: (() => void)[] = [];
  const { inbox, calls } = setup((text) =>
    text === "slow" ? new Promise((resolve) => gates.push(resolve)) : undefined,
  );
  inbox.put("slow");
  for (let put = 0; put <= INBOX_MESSAGES + 3; put++) inbox.put(`m${put}`);
  expect(calls).toEqual(["slow", "pause"]);
  gates[0]?.();
  await settled();
  expect(calls).toHaveLength(2 + INBOX_MESSAGES + 4 + 1);
  expect(calls.at(-1)).toBe("resume");
});

test("a handler that fails, at once or later, does not stop the ones behind it", async () => {
  const { inbox, calls, errors } = setup((text) => {
    if (text === "throws") throw new Error(text);
    return text === "rejects" ? Promise.reject(new Error(text)) : undefined;
  });
  for (const text of ["throws", "rejects", "fine"]) inbox.put(text);
  await settled();
  expect(calls).toEqual(["throws", "rejects", "fine"]);
  expect(errors).toHaveLength(2);
});

test("after a clear nothing that waited is handled", async () => {
  const gates: (() => void)[] = [];
  const { inbox, calls } = setup(() => new Promise((resolve) => gates.push(resolve)));
  inbox.put("first");
  inbox.put("second");
  inbox.clear();
  gates[0]?.();
  await settled();
  expect(calls).toEqual(["first"]);
});

test("what may overtake is handled while another message waits, and an error of it is told", async () => {
  const gates: (() => void)[] = [];
  const { inbox, calls, errors } = setup((text) => {
    if (text === "!bad") throw new Error(text);
    return text === "slow" ? new Promise((resolve) => gates.push(resolve)) : undefined;
  });
  for (const text of ["slow", "after", "!first", "!bad"]) inbox.put(text);
  expect(calls).toEqual(["slow", "!first", "!bad"]);
  expect(errors).toHaveLength(1);
  gates[0]?.();
  await settled();
  expect(calls.at(-1)).toBe("after");
});
