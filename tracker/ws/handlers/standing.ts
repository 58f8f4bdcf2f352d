import type { ViewerMessage } from "../../protocol/index.ts";
import { givingOf } from "../../swarm/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import { takePlace } from "../standing.ts";
import type { Viewer } from "../viewer.ts";

/** Notes what others get from the viewer from now on, for those who are introduced to it later. */
export function handleStanding(
  context: Context,
  connection: Connection,
  viewer: Viewer,
  { upload, reach }: Extract<ViewerMessage, { t: "standing" }>,
): Promise<void> {
  viewer.wish = givingOf(upload, reach);
  return takePlace(context, connection);
}
