import { randomBytes } from "node:crypto";
import { repeating, textFrame, type Wire } from "../wire.ts";
import { ANSWER, latch, NEIGHBOURS, RELAYED_BYTES, SDP, type Viewer } from "./viewer.ts";

const OFFER_TEXT = JSON.stringify(SDP);
const ANSWER_TEXT = JSON.stringify(ANSWER);
const RELAYED = "r".repeat(RELAYED_BYTES - 1);
const FROM = "<".charCodeAt(0);
const ID_END = 23;

/** Payloads begin with a letter of the bench's own: an offer, an answer, or a signal that is sent back. */
const KINDS = { offer: "o", answer: "a", there: "t", back: "b" } as const;

/** What a viewer hears of a neighbour who cannot take its call. */
const GONE = ["peer-gone", "not-introduced"];

export type ShoalViewer = Viewer & { readonly id: () => string };

/** `onGone`: told when a call came to nothing, as it may where the other's process knows better how many links it has. */
export function shoalViewer(wire: Wire, stream: string, onGone?: () => void): ShoalViewer {
  const joined = latch();
  const matched = latch();
  let [id, size, met, answers] = ["", 0, 0, 0];
  let neighbours: { readonly id: string }[] = [];
  let returned = (): void => undefined;
  const lost = new Set<string>();
  const signal = (to: string, kind: string, text: string): void => wire.send(`>${to}${kind}${text}`);

  const signalFrame = (to: string, kind: string): Buffer => textFrame(`>${to}${kind}${RELAYED}`);
  const sendBack = repeating(wire, (to) => signalFrame(to, KINDS.back));

  const answered = (): void => {
    if (++answers === neighbours.length) matched.open();
  };
  wire.onText = (text) => {
    if (text[0] === FROM) {
      const from = text.toString("latin1", 1, ID_END);
      const kind = text.toString("latin1", ID_END, ID_END + 1);
      if (kind === KINDS.offer) signal(from, KINDS.answer, ANSWER_TEXT);
      else if (kind === KINDS.there) sendBack(from);
      else if (kind === KINDS.back) returned();
      else answered();
      return;
    }
    const message = JSON.parse(text.toString()) as {
      t: string;
      code: string;
      peer?: string;
      id: string;
      size: number;
      neighbours: { id: string }[];
    };
    if (message.t === "swarm") size = message.size;
    if (message.t === "introduced") met += 1;
    if (message.t === "error" && message.peer !== undefined && onGone && GONE.includes(message.code)) {
      // The refusal of the introduction and that of the offer which was under way are one.
      if (lost.has(message.peer)) return;
      lost.add(message.peer);
      onGone();
      answered();
    } else if (message.t === "error") throw new Error(`the tracker refused something: ${text}`);
    if (message.t !== "welcome") return;
    ({ id, size, neighbours } = message);
    met += neighbours.length;
    joined.open();
  };
  const join = (): Promise<void> => {
    const session = randomBytes(16).toString("base64url");
    wire.send(JSON.stringify({ t: "join", v: 1, stream, session, upload: "share", player: "bench" }));
    return joined.done;
  };
  return {
    wire,
    join,
    introduce: join,
    id: () => id,
    met: () => met,
    swarmSize: () => size,
    async match() {
      await join();
      const short = NEIGHBOURS - neighbours.length;
      // Whom four others give to is given no fifth who has links enough: a call less now and then.
      if (short > 1 && !onGone) throw new Error(`${neighbours.length} neighbours, not ${NEIGHBOURS}`);
      for (let missing = 0; missing < short; missing++) onGone?.();
      if (neighbours.length === 0) return;
      for (const neighbour of neighbours) signal(neighbour.id, KINDS.offer, OFFER_TEXT);
      await matched.done;
    },
    relay: (to, count) =>
      new Promise((resolve) => {
        const frame = signalFrame((to as ShoalViewer).id(), KINDS.there);
        let left = count / 2;
        const next = (): void => (left-- > 0 ? wire.sendFrame(frame) : resolve());
        returned = next;
        next();
      }),
  };
}
