import type { Digest } from "../../tracker/protocol/index.ts";
import { blockCount, type Frame, PEER_PROTOCOL_VERSION, segmentId } from "../protocol/index.ts";
import { onBlock, onRefuse } from "./answers.ts";
import type { Core } from "./core.ts";
import { letGo } from "./links.ts";
import { addHolding, type Neighbour, replaceHoldings } from "./neighbour.ts";
import { considerAhead, reviseAhead } from "./prefetch.ts";
import { isWanted, isWhole } from "./segment.ts";
import { onCancel, onRequest } from "./uploads.ts";
import { onVouch } from "./vouching.ts";

/** Segments that one neighbour may claim to be buying; older claims are forgotten. */
const MOST_BUYING = 16;

/** Takes a neighbour's frame in. False when nothing new can follow from it. */
export function onFrame(core: Core, n: Neighbour, frame: Frame, digest: Digest | undefined): boolean {
  switch (frame.t) {
    case "hello":
      if (frame.version !== PEER_PROTOCOL_VERSION) {
        letGo(core, n.id, "bad-version");
        return true;
      }
      n.upload = frame.upload;
      n.since = core.now - frame.ageMs;
      n.heard = frame.upload === "receive";
      return true;
    case "position":
      n.position = { rendition: frame.rendition, playing: frame.playing, asked: frame.asked };
      return false;
    case "map":
      replaceHoldings(n, frame.entries, segmentId);
      n.heard = true;
      reviseAhead(core);
      return true;
    case "have": {
      const id = segmentId(frame.key);
      if (frame.from + frame.count > blockCount(frame.bytes)) return false;
      addHolding(n, id, frame.bytes, frame.from, frame.count);
      n.buying.delete(id);
      considerAhead(core, frame.key);
      const seg = core.segments.get(id);
      return seg !== undefined && isWanted(seg) && !isWhole(seg);
    }
    case "lost":
      n.holdings.delete(segmentId(frame.key));
      return false;
    case "buying":
      n.buying.set(segmentId(frame.key), core.now);
      if (n.buying.size > MOST_BUYING) {
        const oldest = n.buying.keys().next();
        if (!oldest.done) n.buying.delete(oldest.value);
      }
      return true;
    case "vouch":
      onVouch(core, n, frame);
      return true;
    case "request":
      onRequest(core, n, frame);
      return true;
    case "cancel":
      onCancel(n, frame.id);
      return false;
    case "block":
      if (digest !== undefined) onBlock(core, n, frame, digest);
      return true;
    case "refuse":
      onRefuse(core, n, frame);
      return true;
    default:
      return frame satisfies never;
  }
}
