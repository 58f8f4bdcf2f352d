import type { Home } from "../../access/homes.ts";
import { viewerMarkOf } from "../../access/keyed-hash.ts";
import { mintResumeToken, RESUME_MS } from "../../access/resume-token.ts";
import type { Pass, TokenCheck } from "../../access/viewer-token.ts";
import {
  identityOf,
  type Join,
  type Neighbour,
  NODE_ID_LENGTH,
  type PeerId,
  SIGNALLING_VERSION,
} from "../../protocol/index.ts";
import { nodeOf } from "../../store/index.ts";
import { fullBucket, givingOf, INTRODUCTION_LIMIT, noLinks, SmallMap } from "../../swarm/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import { iceServersFor } from "../ice.ts";
import { introduceTo } from "../introduce.ts";
import { createPeerId } from "../peer-id.ts";
import { resumedPeerId } from "../resume.ts";
import { policyOf, standingUnder, takePlace } from "../standing.ts";
import type { Viewer } from "../viewer.ts";

/** Takes a viewer into its swarm: a peer id, neighbours to call, and what the operator allows. */
export async function handleJoin(context: Context, connection: Connection, message: Join): Promise<void> {
  if (connection.stage() !== "waiting") {
    connection.refuse("already-joined", "this socket has joined a stream; open another for another stream");
    return;
  }
  const { registry, metrics, log, failures } = context;
  try {
    const { resume, stream } = message;
    const pass = context.admits ? await admitted(context, context.admits, connection, message) : ANYBODY;
    if (pass === "turned-away") return;
    const home = context.homeOf(stream);
    // Nothing is waited for where there is nothing to look up: a newcomer counts as joining from this moment on.
    const id = resume === undefined ? createPeerId(context.node()) : await resumedPeerId(context, home.swarm, resume);
    const viewer = createViewer(context, connection, message, {
      id,
      home,
      person: pass.viewer ?? message.viewer ?? message.session,
    });
    // Who comes back is the one whose use was counted.
    if (pass.limit && !viewer.resumed && !context.takeUse(pass.limit, context.wallClock())) {
      turnAway(connection, "the token has been used as often as it may");
      return;
    }
    connection.startJoin(viewer);
    // Known here before it is known elsewhere: others may introduce themselves before the store has answered.
    if (connection.viewer() !== viewer) return;
    registry.add(connection, viewer);
    if (viewer.policy.mode === "off") finish(context, connection, viewer, { size: 0, neighbours: [] });
    else await enterSwarm(context, connection, viewer, message.have ?? 0);
    if (connection.viewer() !== viewer) return;
    metrics.joined();
    // The policy may have changed meanwhile.
    await takePlace(context, connection);
    log.debug({ connection: connection.label, node: nodeOf(viewer.member.id) }, "viewer joined");
  } catch (error) {
    failures.note("join", error);
    connection.shut("internal", {
      code: "internal",
      message: "the tracker could not take you in; try again in a while",
    });
  }
}

/** Where nobody needs a token. */
const ANYBODY: Pass = { viewer: undefined, limit: undefined };

/** What the viewer's token says; closes when it does not let the viewer in. */
async function admitted(
  { config, wallClock, log }: Context,
  admits: TokenCheck,
  connection: Connection,
  { token, stream }: Join,
): Promise<Pass | "turned-away"> {
  const verdict = await admits(token, { site: config.site, stream }, wallClock());
  if (connection.stage() !== "waiting") return "turned-away";
  switch (verdict.kind) {
    case "admitted":
      return verdict.pass;
    case "refused":
      turnAway(connection, verdict.why);
      return "turned-away";
    case "unknown":
      log.warn({ connection: connection.label }, "a token could not be checked: the keys of TOKEN_JWKS cannot be had");
      connection.shut("internal", {
        code: "internal",
        message: "your token cannot be checked now; try again in a while",
      });
      return "turned-away";
    default:
      return verdict satisfies never;
  }
}

const turnAway = (connection: Connection, message: string): void =>
  connection.shut("unauthorised", { code: "unauthorised", message });

function createViewer(
  context: Context,
  connection: Connection,
  message: Join,
  { id, home, person }: { readonly id: PeerId; readonly home: Home; readonly person: string },
): Viewer {
  const { clock, config, wallClock } = context;
  const policy = policyOf(context, connection, { stream: message.stream, person });
  const wish = givingOf(message.upload, message.reach);
  const { locality, giving } = standingUnder(connection, policy, wish);
  return {
    swarm: home.swarm,
    stream: home.stream,
    session: message.session,
    // Spelt out: V8 keeps what follows a spread in a list beside the object.
    member: { id, locality, giving, joinedAt: wallClock() },
    wish,
    person,
    mark: message.viewer && viewerMarkOf(config.swarmSecret, config.site, message.viewer),
    policy,
    introductions: new SmallMap(),
    // A token that was worth nothing has given another identity.
    resumed: message.resume?.startsWith(identityOf(id), NODE_ID_LENGTH) === true,
    links: noLinks(),
    budget: fullBucket(INTRODUCTION_LIMIT, clock()),
    iceAt: clock(),
    toldSize: 0,
  };
}

/** `have`: neighbours that the viewer brings along from before. */
async function enterSwarm(context: Context, connection: Connection, viewer: Viewer, have: number): Promise<void> {
  const { config, registry, store, sizeNews } = context;
  registry.enter(connection, viewer);
  const { size, candidates } = await store.join(viewer.swarm, viewer.member);
  if (connection.viewer() !== viewer) return await store.leave(viewer.swarm, viewer.member.id);
  const { neighbours, outcome } = await introduceTo(context, viewer, candidates, config.neighbours - have);
  finish(context, connection, viewer, { size, neighbours });
  if (outcome === "limited")
    connection.refuse("rate-limited", "your address has met many viewers; ask again in a while");
  sizeNews.touch(viewer.swarm);
}

function finish(
  { config, wallClock }: Context,
  connection: Connection,
  viewer: Viewer,
  { size, neighbours }: { readonly size: number; readonly neighbours: readonly Neighbour[] },
): void {
  const { swarm, member } = viewer;
  connection.finishJoin({
    t: "welcome",
    v: SIGNALLING_VERSION,
    id: member.id,
    resume: mintResumeToken(config.swarmSecret, swarm, member.id, wallClock() + RESUME_MS),
    size,
    neighbours: [...neighbours],
    iceServers: iceServersFor(config, member.id, wallClock()),
    policy: viewer.policy,
  });
}
