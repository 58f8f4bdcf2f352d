import type { ViewerMessage } from "../../protocol/index.ts";
import { correctLinks } from "../../swarm/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import { introduceTo } from "../introduce.ts";
import type { Viewer } from "../viewer.ts";

/** Even a viewer with many neighbours gets this many more: it asks because those are slow. */
const FEWEST = 2;

/** Gives a viewer more neighbours to call, as far as its budget goes. */
export async function handleMore(
  context: Context,
  connection: Connection,
  viewer: Viewer,
  message: Extract<ViewerMessage, { t: "more" }>,
): Promise<void> {
  correctLinks(viewer.links, message.have);
  const { size, candidates } = await context.store.candidates(viewer.swarm, viewer.member);
  const want = Math.max(Math.min(FEWEST, context.config.neighbours), context.config.neighbours - message.have);
  const { neighbours, outcome } = await introduceTo(context, viewer, candidates, want);
  connection.send({ t: "neighbours", size, neighbours: [...neighbours] });
  if (outcome === "limited") connection.refuse("rate-limited", "you have met many viewers; ask again in a few minutes");
}
