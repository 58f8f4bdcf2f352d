import { readResumeToken } from "../access/resume-token.ts";
import { identityOf, type PeerId, type SwarmId } from "../protocol/index.ts";
import { nodeOf } from "../store/index.ts";
import type { Context } from "./context.ts";
import { createPeerId } from "./peer-id.ts";

/**
 * The peer id of a viewer that comes back with a token: its old identity under this process's name. A token that is forged or
 * expired, or whose viewer is still connected somewhere, is worth nothing: the viewer gets an id like any newcomer.
 */
export async function resumedPeerId(context: Context, swarm: SwarmId, token: string): Promise<PeerId> {
  const { config, wallClock, node } = context;
  const old = readResumeToken(config.swarmSecret, swarm, token, wallClock());
  if (old === undefined || (await isConnected(context, swarm, old))) return createPeerId(node());
  const id = createPeerId(node(), identityOf(old));
  return context.registry.find(id) ? createPeerId(node()) : id;
}

/** Whether a viewer's socket is open, or may be for all that this process can find out. Takes out what it left behind. */
async function isConnected(
  { registry, store, failures, node }: Context,
  swarm: SwarmId,
  peer: PeerId,
): Promise<boolean> {
  if (nodeOf(peer) === node()) return registry.find(peer) !== undefined;
  try {
    if ((await store.lookup(swarm, peer)) === undefined) return false;
    if (await store.isAttached(nodeOf(peer))) return true;
    await store.leave(swarm, peer);
    return false;
  } catch (error) {
    failures.note("lookup", error);
    return true;
  }
}
