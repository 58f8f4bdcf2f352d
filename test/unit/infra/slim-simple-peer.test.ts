import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { slimSimplePeer } from "../../../infra/build/slim-simple-peer.ts";

// A simple-peer that is written otherwise would go through as it is.
it("leaves nothing of simple-peer that asks for Node, logs, or calls somebody else's servers", async () => {
  const path = createRequire(import.meta.url).resolve("simple-peer");
  const source = await readFile(path, "utf8");
  const { transform } = slimSimplePeer();
  if (typeof transform !== "function") throw new Error("it does not transform");
  const { code } = Reflect.apply(transform, undefined, [source, path]) as { code: string };
  for (const unwanted of [
    "require(",
    "this._debug(",
    "stun:",
    "module.exports",
    "_chunk)",
    "setInterval(() => this._onInterval",
    "googLocalAddress",
    "_remoteTracks",
    "_onChannelBufferedAmountLow()",
    "filterTrickle(offer.sdp)",
    "_startIceCompleteTimeout()",
    "sendOffer) // wait",
    "getStats.length",
  ]) {
    expect(source).toContain(unwanted);
    expect(code).not.toContain(unwanted);
  }
});
