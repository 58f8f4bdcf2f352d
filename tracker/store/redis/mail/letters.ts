import { compact } from "../../../compact.ts";
import { LIMITS, NEARNESS, type Nearness, PEER_ID_LENGTH, type PeerId } from "../../../protocol/index.ts";
import { GIVING, type Giving } from "../../../swarm/index.ts";
import type { Mail } from "../../port.ts";

/** A mail as text: a line that says what it is, and a payload that nobody on the way need look into. */
export type Letter = { readonly head: string; readonly payload: string };

export function writeLetter(mail: Mail): Letter {
  switch (mail.kind) {
    case "introduced": {
      const { id, near, giving } = mail.neighbour;
      return { head: `introduced ${mail.to} ${id} ${near} ${giving}`, payload: "" };
    }
    case "signal":
      return { head: `signal ${mail.to} ${mail.from}`, payload: mail.payload };
    case "gone":
      return { head: `gone ${mail.to} ${mail.peer}`, payload: "" };
    default:
      return mail satisfies never;
  }
}

/** Several letters as one message: a line for each, with the length of its payload in front; a blank line; the payloads in a row. */
export function bundle(letters: readonly Letter[]): string {
  let [heads, payloads] = ["", ""];
  for (const { head, payload } of letters) {
    heads += `${payload.length} ${head}\n`;
    payloads += payload;
  }
  return `${heads}\n${payloads}`;
}

/** One expression for a whole line: a schema for each of its fields takes many times as long, and mail is most of what Redis carries. */
const LINE = /^(\d{1,6}) (.*)$/;
const ID = "([0-9a-z]{4}[\\w-]{18})";
const HEAD = new RegExp(`^(introduced|signal|gone) ${ID} ${ID}(?: (${NEARNESS.join("|")}) (${GIVING.join("|")}))?$`);

export type Bundle = {
  readonly mails: readonly Mail[];
  /** Mails of a kind that this version does not know, or a message that is none. */
  readonly unreadable: number;
};

/** Reads a message. Trackers of two versions may share a Redis for a while: what cannot be read is counted and left. */
export function readBundle(text: string): Bundle {
  const mails: Mail[] = [];
  const end = text.startsWith("\n") ? 0 : text.indexOf("\n\n") + 1;
  if (end === 0 && text !== "\n") return { mails, unreadable: 1 };
  let [unreadable, at] = [0, end + 1];
  for (let start = 0; start < end; ) {
    const stop = text.indexOf("\n", start);
    const [, digits, head = ""] = LINE.exec(text.slice(start, stop)) ?? [];
    const length = Number(digits);
    // Where the next payload begins nobody can tell.
    if (!(length <= LIMITS.signalLength)) return { mails, unreadable: unreadable + 1 };
    const mail = readLetter(head, text.slice(at, at + length));
    if (mail) mails.push(mail);
    else unreadable += 1;
    at += length;
    start = stop + 1;
  }
  return { mails, unreadable };
}

function readLetter(head: string, payload: string): Mail | undefined {
  const [, kind, addressee = "", other = "", near, giving] = HEAD.exec(head) ?? [];
  const [to, peer] = [idOf(addressee), idOf(other)];
  if (kind === "signal") return { kind, to, from: peer, payload };
  if (kind === "gone") return { kind, to, peer };
  if (kind !== "introduced" || near === undefined) return undefined;
  return { kind, to, neighbour: { id: peer, near: near as Nearness, giving: giving as Giving } };
}

/** An id that the expression has let through. Ids are kept, and compared with many others: what is cut from a text is slow at both. */
const idOf = (text: string): PeerId => compact(text, PEER_ID_LENGTH) as PeerId;
