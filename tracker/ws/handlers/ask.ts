import { LIMITS, type SegmentDigests, type ViewerMessage } from "../../protocol/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import type { Viewer } from "../viewer.ts";

/** Room for the segments in one message, beside the message's own frame. Segment ids and digests are ASCII. */
const SEGMENTS_LENGTH = LIMITS.messageBytes - 64;

/** Answers with the verdict on each segment asked for, in as many messages as their size needs. */
export async function handleAsk(
  context: Context,
  connection: Connection,
  viewer: Viewer,
  message: Extract<ViewerMessage, { t: "ask" }>,
): Promise<void> {
  const verdicts = await context.store.digests(viewer.swarm, message.segments);
  const where = context.store.isAlone() ? ({ alone: true } as const) : {};
  for (const segments of inMessages(verdicts)) connection.send({ t: "digests", segments, ...where });
}

/** Splits verdicts so that no message is larger than a viewer accepts; one segment always fits. */
function* inMessages(verdicts: readonly SegmentDigests[]): Generator<SegmentDigests[]> {
  let segments: SegmentDigests[] = [];
  let length = 0;
  for (const verdict of verdicts) {
    const own = JSON.stringify(verdict).length + 1;
    if (segments.length > 0 && length + own > SEGMENTS_LENGTH) {
      yield segments;
      segments = [];
      length = 0;
    }
    segments.push(verdict);
    length += own;
  }
  yield segments;
}
