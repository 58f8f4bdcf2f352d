import { swarmIdOf } from "../../access/keyed-hash.ts";
import { type Join, SIGNALLING_VERSION } from "../../protocol/index.ts";
import { nodeOf } from "../../store/index.ts";
import { fullBucket, INTRODUCTION_LIMIT } from "../../swarm/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import { iceServersFor } from "../ice.ts";
import { introduceTo } from "../introduce.ts";
import { createPeerId } from "../peer-id.ts";
import type { Viewer } from "../viewer.ts";

/** Takes a viewer into its swarm: a peer id, neighbours to call, and what the operator allows. */
export async function handleJoin(context: Context, connection: Connection, message: Join): Promise<void> {
  if (connection.state().kind !== "waiting") {
    connection.refuse("already-joined", "this socket has joined a stream; open another for another stream");
    return;
  }
  const { store, registry, sizeNews, metrics, log, failures } = context;
  try {
    const viewer = createViewer(context, connection, message);
    connection.startJoin(viewer);
    // Known here before it is known elsewhere: others may introduce themselves before the store has answered.
    if (connection.viewer() !== viewer) return;
    registry.add(connection, viewer);
    const { size, candidates } = await store.join(viewer.swarm, viewer.member);
    if (connection.viewer() !== viewer) return await store.leave(viewer.swarm, viewer.member.id);
    await welcome(context, connection, viewer, { size, candidates });
    metrics.joined();
    sizeNews.touch(viewer.swarm);
    log.debug({ connection: connection.label, node: nodeOf(viewer.member.id) }, "viewer joined");
  } catch (error) {
    failures.note("join", error);
    connection.shut("internal", {
      code: "internal",
      message: "the tracker could not take you in; try again in a while",
    });
  }
}

function createViewer(context: Context, connection: Connection, message: Join): Viewer {
  const { config, clock, wallClock } = context;
  return {
    swarm: swarmIdOf(config.swarmSecret, config.site, message.stream),
    stream: message.stream,
    session: message.session,
    member: {
      id: createPeerId(context.node()),
      locality: connection.locality,
      upload: config.policy.mode === "share" ? message.upload : "receive",
      joinedAt: wallClock(),
    },
    introductions: new Map(),
    budget: fullBucket(INTRODUCTION_LIMIT, clock()),
    iceAt: wallClock(),
    toldSize: 0,
  };
}

async function welcome(
  context: Context,
  connection: Connection,
  viewer: Viewer,
  drawn: Awaited<ReturnType<Context["store"]["join"]>>,
): Promise<void> {
  const { config } = context;
  const { neighbours, outcome } = await introduceTo(context, viewer, drawn.candidates, config.neighbours);
  connection.finishJoin({
    t: "welcome",
    v: SIGNALLING_VERSION,
    id: viewer.member.id,
    size: drawn.size,
    neighbours: [...neighbours],
    iceServers: iceServersFor(config, viewer.member.id, viewer.iceAt),
    policy: config.policy,
  });
  if (outcome === "limited")
    connection.refuse("rate-limited", "your address has met many viewers; ask again in a while");
}
