import type { Digest } from "../../tracker/protocol/index.ts";
import { blockCount, type Frame, PEER_PROTOCOL_VERSION, segmentId } from "../protocol/index.ts";
import { onBlock, onRefuse } from "./answers.ts";
import type { Core, Follows } from "./core.ts";
import { letGo } from "./links.ts";
import { addHolding, type Neighbour, replaceHoldings } from "./neighbour.ts";
import { considerAhead, reviseAhead } from "./prefetch.ts";
import { isWanted, type Segment } from "./segment.ts";
import { onCancel, onRequest } from "./uploads.ts";
import { onStanding, onVouch } from "./vouching.ts";

/** Segments that one neighbour may claim to be buying; older claims are forgotten. */
const MOST_BUYING = 16;

/** Takes a neighbour's frame in. Says how much has to be looked at because of it. */
export function onFrame(core: Core, n: Neighbour, frame: Frame, digest: Digest | undefined): Follows {
  switch (frame.t) {
    case "hello":
      if (frame.version !== PEER_PROTOCOL_VERSION) {
        letGo(core, n.id, "bad-version");
        return "all";
      }
      n.upload = frame.upload;
      n.since = core.now - frame.ageMs;
      n.heard = frame.upload === "receive";
      return "all";
    case "position":
      n.position = frame;
      return "nothing";
    case "map":
      replaceHoldings(n, frame.entries, segmentId);
      n.heard = true;
      reviseAhead(core);
      return "all";
    case "have": {
      const id = segmentId(frame.key);
      if (frame.from + frame.count > blockCount(frame.bytes)) return "nothing";
      addHolding(n, id, frame.bytes, frame.from, frame.count);
      n.buying.delete(id);
      considerAhead(core, frame.key);
      const seg = core.segments.get(id);
      return seg !== undefined && isWanted(seg) && lacks(seg, frame.from, frame.count) ? "all" : "nothing";
    }
    case "lost":
      n.holdings.delete(segmentId(frame.key));
      return "nothing";
    case "buying":
      n.buying.set(segmentId(frame.key), core.now);
      core.vain.delete(frame.key.rendition);
      if (n.buying.size > MOST_BUYING) {
        const oldest = n.buying.keys().next();
        if (!oldest.done) n.buying.delete(oldest.value);
      }
      return "nothing";
    case "tracker":
      onStanding(core, n, frame.standing);
      return "all";
    case "vouch":
      onVouch(core, n, frame);
      return "all";
    case "request":
      onRequest(core, n, frame);
      return "sending";
    case "cancel":
      onCancel(n, frame.id);
      return "nothing";
    case "block":
      if (digest !== undefined) onBlock(core, n, frame, digest);
      return "all";
    case "refuse":
      onRefuse(core, n, frame);
      return "all";
  }
}

/** Is one of these blocks neither here nor on its way from a neighbour, or is that unknown? */
function lacks({ blocks }: Segment, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if ((blocks[i]?.s ?? "missing") === "missing") return true;
  return false;
}
