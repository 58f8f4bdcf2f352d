import * as v from "valibot";
import { SIGNALLING_VERSION, type ViewerMessage, ViewerMessageSchema } from "../../protocol/index.ts";
import { describeIssue } from "../../samples/check-sample.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import { isSignalFrame } from "../signal-bytes.ts";
import { handleAsk } from "./ask.ts";
import { handleJoin } from "./join.ts";
import { shutMalformed } from "./malformed.ts";
import { handleMore } from "./more.ts";
import { handlePublish } from "./publish.ts";
import { handleReport } from "./report.ts";
import { handleSignal } from "./signal.ts";
import { handleStanding } from "./standing.ts";

/**
 * Reads one text message, as the bytes of its UTF-8, and does what it asks. Settles when the viewer's next message may be
 * handled.
 */
export function handleText(context: Context, connection: Connection, bytes: Buffer): void | Promise<void> {
  if (isSignalFrame(bytes)) {
    context.metrics.message("signal");
    const viewer = connection.viewer();
    return viewer ? handleSignal(context, connection, viewer, bytes) : shutNotJoined(connection);
  }
  const message = readMessage(bytes.toString());
  context.metrics.message(message.kind === "message" ? message.message.t : "invalid");
  switch (message.kind) {
    case "message":
      return handleMessage(context, connection, message.message);
    case "version":
      return connection.shut("unsupportedVersion", {
        code: "unsupported-version",
        message: `this tracker speaks version ${SIGNALLING_VERSION} of the protocol; update the player`,
      });
    case "malformed":
      return shutMalformed(connection, message.why);
    default:
      return message satisfies never;
  }
}

function handleMessage(context: Context, connection: Connection, message: ViewerMessage): void | Promise<void> {
  if (message.t === "join") return handleJoin(context, connection, message);
  const viewer = connection.viewer();
  if (!viewer) return shutNotJoined(connection);
  switch (message.t) {
    case "standing":
      return handleStanding(context, connection, viewer, message);
    case "more":
      return handleMore(context, connection, viewer, message);
    case "publish":
      return handlePublish(context, connection, viewer, message);
    case "ask":
      return handleAsk(context, connection, viewer, message);
    case "report":
      return handleReport(context, connection, viewer, message);
    default:
      return message satisfies never;
  }
}

const shutNotJoined = (connection: Connection): void =>
  connection.shut("malformed", { code: "not-joined", message: "the first message on a socket must be `join`" });

type Reading =
  | { readonly kind: "message"; readonly message: ViewerMessage }
  /** A `join` of another version of the protocol, whose other fields mean nothing here. */
  | { readonly kind: "version" }
  | { readonly kind: "malformed"; readonly why: string };

const OtherVersionSchema = v.looseObject({
  t: v.literal("join"),
  v: v.pipe(v.number(), v.notValue(SIGNALLING_VERSION)),
});

function readMessage(text: string): Reading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { kind: "malformed", why: `the message is neither JSON nor a signal (${String(error)})` };
  }
  const parsed = v.safeParse(ViewerMessageSchema, json, { abortEarly: true });
  if (!parsed.success) {
    return v.is(OtherVersionSchema, json)
      ? { kind: "version" }
      : { kind: "malformed", why: describeIssue(parsed.issues[0]) };
  }
  const message = parsed.output;
  return message.t === "join" && message.v !== SIGNALLING_VERSION ? { kind: "version" } : { kind: "message", message };
}
