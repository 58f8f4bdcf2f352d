import { LIMITS, type ViewerMessage } from "../../protocol/index.ts";
import { claimFits } from "../../swarm/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import type { Viewer } from "../viewer.ts";
import { shutMalformed } from "./malformed.ts";

/** Notes the digests that a viewer vouches for. No answer. */
export async function handlePublish(
  context: Context,
  connection: Connection,
  viewer: Viewer,
  message: Extract<ViewerMessage, { t: "publish" }>,
): Promise<void> {
  const { segment, bytes, from, digests } = message;
  const claim = { viewer: viewer.member.id, segment, bytes, from, digests };
  if (claimFits(claim)) await context.store.publish(viewer.swarm, claim);
  else shutMalformed(connection, `digests: reach beyond block ${LIMITS.blocksPerSegment - 1}, the last of a segment`);
}
