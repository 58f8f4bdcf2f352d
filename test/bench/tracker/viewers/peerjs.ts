import { repeating, textFrame, type Wire } from "../wire.ts";
import { latch, RELAYED_BYTES, type Viewer } from "./viewer.ts";

const THERE = "t".padEnd(RELAYED_BYTES - 60, "r");
const BACK = "b".padEnd(RELAYED_BYTES - 60, "r");

export type PeerjsViewer = Viewer & { readonly id: string };

/** A client of PeerJS's server: it has no streams, and relays to whoever is named. */
export function peerjsViewer(wire: Wire, id: string): PeerjsViewer {
  const opened = latch();
  let returned = (): void => undefined;
  const signalFrame = (dst: string, payload: string): Buffer =>
    textFrame(JSON.stringify({ type: "CANDIDATE", payload, dst }));
  const sendBack = repeating(wire, (to) => signalFrame(to, BACK));

  wire.onText = (text) => {
    const message = JSON.parse(text.toString()) as { type: string; src: string; payload: string };
    if (message.type === "OPEN") opened.open();
    else if (message.type !== "CANDIDATE") throw new Error(`the server refused something: ${text}`);
    else if (message.payload.startsWith("t")) sendBack(message.src);
    else returned();
  };
  return {
    wire,
    id,
    met: () => 0,
    swarmSize: () => 0,
    join: () => opened.done,
    introduce: () => Promise.reject(new Error("PeerJS introduces nobody")),
    match: () => Promise.reject(new Error("PeerJS introduces nobody")),
    relay: (to, count) =>
      new Promise((resolve) => {
        const frame = signalFrame((to as PeerjsViewer).id, THERE);
        let left = count / 2;
        const next = (): void => (left-- > 0 ? wire.sendFrame(frame) : resolve());
        returned = next;
        next();
      }),
  };
}
