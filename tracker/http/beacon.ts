import type { Context as KoaContext, Middleware } from "koa";
import * as v from "valibot";
import type { AddressLedger } from "../access/address-ledger.ts";
import { clientAddress } from "../access/client-address.ts";
import type { Home } from "../access/homes.ts";
import { localityOf, type Place, viewerMarkOf } from "../access/keyed-hash.ts";
import { originAllowed } from "../access/origins.ts";
import { readResumeToken } from "../access/resume-token.ts";
import type { TrackerConfig } from "../config/index.ts";
import type { Refusal, TrackerMetrics } from "../metrics.ts";
import {
  JoinSchema,
  LIMITS,
  SessionIdSchema,
  type StreamId,
  StreamIdSchema,
  ViewerNameSchema,
} from "../protocol/index.ts";
import { audienceOf } from "../samples/audience.ts";
import { describeIssue } from "../samples/check-sample.ts";
import type { SampleIntake } from "../samples/intake.ts";
import { readBody } from "./read-body.ts";

/** Where a page leaves its last samples with `navigator.sendBeacon`, when its socket is about to die with it. */
export const BEACON_PATH = "/v1/report";

const BeaconSchema = v.strictObject({
  stream: StreamIdSchema,
  session: SessionIdSchema,
  viewer: ViewerNameSchema,
  resume: JoinSchema.entries.resume,
  samples: v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(LIMITS.samplesPerReport)),
});

type Beacon = v.InferOutput<typeof BeaconSchema>;
type Answer = { readonly status: 204 } | { readonly status: number; readonly code: Refusal; readonly message: string };
type BeaconDeps = {
  readonly config: TrackerConfig;
  readonly intake: SampleIntake;
  readonly addresses: AddressLedger;
  readonly metrics: TrackerMetrics;
  readonly locate: (address: string) => Place;
  readonly homeOf: (stream: StreamId) => Home;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
};

/**
 * Koa middleware for `POST /v1/report`: one JSON object of at most 64 KiB, whatever its content type says (a beacon that is
 * not `text/plain` would need a preflight, for which a closing page has no time). Answers 204, or `{code, message}`.
 */
export function createBeacon(deps: BeaconDeps): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== BEACON_PATH || ctx.method !== "POST") return next();
    const answer = await takeReport(deps, ctx);
    ctx.status = answer.status;
    if (!("code" in answer)) return;
    deps.metrics.refused(answer.code);
    ctx.body = { code: answer.code, message: answer.message };
    // What is left of the body is not worth reading.
    if (!ctx.req.complete) ctx.set("Connection", "close");
  };
}

async function takeReport(deps: BeaconDeps, ctx: KoaContext): Promise<Answer> {
  const { config, intake, addresses, locate } = deps;
  if (!originAllowed(config.origins, ctx.req.headers.origin)) {
    return { status: 403, code: "origin-not-allowed", message: "this page's origin is not on the tracker's list" };
  }
  const sender = clientAddress(ctx.req, config.trustProxy);
  const { address } = localityOf(config.swarmSecret, sender, "unknown");
  if (addresses.takeReport(address) === "empty") {
    return { status: 429, code: "rate-limited", message: "too many reports from this address" };
  }
  const body = await readBody(ctx.req, LIMITS.messageBytes);
  if (body.kind === "aborted") return { status: 400, code: "malformed", message: "the report broke off" };
  if (body.kind === "too-large") {
    return { status: 413, code: "too-large", message: `a report has at most ${LIMITS.messageBytes} bytes` };
  }
  const report = readReport(body.text);
  if (typeof report === "string") return { status: 400, code: "malformed", message: report };
  if (!wasAdmitted(deps, report)) {
    return {
      status: 401,
      code: "unauthorised",
      message: "a report here needs the `resume` of a `welcome` to its stream",
    };
  }
  const place = sender === undefined ? {} : locate(sender);
  const audience = {
    ...audienceOf(ctx.req.headers["user-agent"], place),
    ...(report.viewer && { viewer: viewerMarkOf(config.swarmSecret, config.site, report.viewer) }),
  };
  const { refused, handover } = intake(report.samples, report, audience);
  if ((await handover) !== "accepted") {
    return { status: 503, code: "internal", message: "the samples could not be kept; send them again" };
  }
  const [first] = refused;
  return first ? { status: 400, code: "refused-sample", message: first.message.slice(0, 500) } : { status: 204 };
}

/** Where viewers need a token, a page shows what it was welcomed with: the token itself may have expired since. */
function wasAdmitted({ config, homeOf, wallClock }: BeaconDeps, { stream, resume = "" }: Beacon): boolean {
  if (config.tokenKeys === undefined) return true;
  return readResumeToken(config.swarmSecret, homeOf(stream).swarm, resume, wallClock()) !== undefined;
}

/** The report, or what is wrong with it. */
function readReport(text: string): Beacon | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `the body is not JSON (${String(error)})`;
  }
  const parsed = v.safeParse(BeaconSchema, json, { abortEarly: true });
  return parsed.success ? parsed.output : describeIssue(parsed.issues[0]).slice(0, 500);
}
