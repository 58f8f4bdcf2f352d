import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Mail } from "../../tracker/store/index.ts";
import { bundle, readBundle, writeLetter } from "../../tracker/store/redis/mail/letters.ts";
import { GIVING } from "../../tracker/swarm/index.ts";
import { peerId } from "../unit/tracker/support/values.ts";

const peers = fc.constantFrom("a", "b", "c").map((name) => peerId(name));
const payloads = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom("\n", "[0,{}]\n", "\ud83d\udc1f", '{"sdp":"v=0\\r\\n"}', "x".repeat(16_384)),
);
const mails: fc.Arbitrary<Mail> = fc.oneof(
  fc.record({ kind: fc.constant("signal" as const), to: peers, from: peers, payload: payloads }),
  fc.record({ kind: fc.constant("gone" as const), to: peers, peer: peers }),
  fc.record({
    kind: fc.constant("introduced" as const),
    to: peers,
    neighbour: fc.record({
      id: peers,
      near: fc.constantFrom("lan" as const, "far" as const),
      giving: fc.constantFrom(...GIVING),
    }),
  }),
);

test("letters come out of a message as they went in", () => {
  fc.assert(
    fc.property(fc.array(mails, { maxLength: 70 }), (sent) => {
      expect(readBundle(bundle(sent.map(writeLetter)))).toEqual({ mails: sent, unreadable: 0 });
    }),
  );
});

test("a letter of a kind from the future is left out, and those around it are read", () => {
  const letter: Mail = { kind: "signal", to: peerId("a"), from: peerId("b"), payload: "here" };
  const strange = { head: `song ${peerId("a")} in C`, payload: "la\n\nla" };
  const text = bundle([writeLetter(letter), strange, writeLetter(letter)]);
  expect(readBundle(text)).toEqual({ mails: [letter, letter], unreadable: 1 });
});

test("no message at all breaks the reader", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((text) => `${text}\n`),
      ),
      (text) => {
        const { mails: read } = readBundle(text);
        expect(read).toEqual([]);
      },
    ),
  );
  expect(readBundle(`[[1e9,{"kind":"gone"}]]\n`)).toEqual({ mails: [], unreadable: 1 });
  for (const length of ["16385", "-1", "1e3", "", "1000000000"]) {
    expect(readBundle(`${length} gone ${peerId("a")} ${peerId("b")}\n\n`)).toEqual({ mails: [], unreadable: 1 });
  }
});

test("whoever keeps an id out of a mail does not keep the message that it came in", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const [to, from] = [peerId("a"), peerId("b")];
  const signals = Array.from({ length: 8 }, (): Mail => ({ kind: "signal", to, from, payload: "x".repeat(16_384) }));
  const letters = [...signals.map(writeLetter), writeLetter({ kind: "gone", to, peer: from })];
  const before = held();
  const kept = Array.from({ length: 200 }, () => readBundle(bundle(letters)).mails.at(-1));
  expect(held() - before).toBeLessThan(200 * 16_384);
  expect(kept).toHaveLength(200);
});
