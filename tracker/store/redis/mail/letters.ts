import * as v from "valibot";
import { LIMITS, NEARNESS, PeerIdSchema } from "../../../protocol/index.ts";
import type { Mail } from "../../port.ts";

/** A mail as text: what it says about itself in JSON, and a payload that nobody on the way need look into. */
export type Letter = { readonly head: string; readonly payload: string };

export function writeLetter(mail: Mail): Letter {
  if (mail.kind !== "signal") return { head: JSON.stringify(mail), payload: "" };
  const { payload, ...head } = mail;
  return { head: JSON.stringify(head), payload };
}

/** Several letters as one message: a line with the length of each payload and each head, then the payloads in a row. */
export function bundle(letters: readonly Letter[]): string {
  const heads = letters.map(({ head, payload }) => `[${payload.length},${head}]`);
  return `[${heads.join(",")}]\n${letters.map(({ payload }) => payload).join("")}`;
}

const HeadSchema = v.variant("kind", [
  v.object({
    kind: v.literal("introduced"),
    to: PeerIdSchema,
    neighbour: v.object({ id: PeerIdSchema, near: v.picklist(NEARNESS), upload: v.picklist(["share", "receive"]) }),
  }),
  v.object({ kind: v.literal("signal"), to: PeerIdSchema, from: PeerIdSchema }),
  v.object({ kind: v.literal("gone"), to: PeerIdSchema, peer: PeerIdSchema }),
]);
const LineSchema = v.array(
  v.tuple([v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.signalLength)), v.unknown()]),
);

export type Bundle = {
  readonly mails: readonly Mail[];
  /** Mails of a kind that this version does not know, or a message that is none. */
  readonly unreadable: number;
};

/** Reads a message. Trackers of two versions may share a Redis for a while: what cannot be read is counted and left. */
export function readBundle(text: string): Bundle {
  const end = text.indexOf("\n");
  const line = v.safeParse(LineSchema, parse(text.slice(0, end)));
  if (end === -1 || !line.success) return { mails: [], unreadable: 1 };
  const mails: Mail[] = [];
  let at = end + 1;
  for (const [length, item] of line.output) {
    const payload = text.slice(at, at + length);
    at += length;
    const head = v.safeParse(HeadSchema, item);
    if (!head.success) continue;
    mails.push(head.output.kind === "signal" ? { ...head.output, payload } : head.output);
  }
  return { mails, unreadable: line.output.length - mails.length };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
