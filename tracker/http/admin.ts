import type { Context as KoaContext, Middleware } from "koa";
import type { Logger } from "pino";
import * as v from "valibot";
import type { AddressLedger } from "../access/address-ledger.ts";
import { createTokenCheck } from "../access/admin-token.ts";
import { clientAddress } from "../access/client-address.ts";
import { localityOf } from "../access/keyed-hash.ts";
import type { TrackerConfig } from "../config/index.ts";
import { MAX_RULES, type PolicyBook, RuleSchema, type Scope, ScopeSchema } from "../policy/index.ts";
import { describeIssue } from "../samples/check-sample.ts";
import { readBody } from "./read-body.ts";

export const POLICY_PATH = "/api/v1/policy";
/** Largest body, in bytes. */
const BODY_BYTES = 4096;

type Answer = { readonly status: number; readonly body: object };
type AdminDeps = {
  readonly config: TrackerConfig;
  readonly policies: PolicyBook;
  readonly addresses: AddressLedger;
  readonly log: Logger;
};

const refusal = (status: number, code: string, message: string): Answer => ({ status, body: { code, message } });

/**
 * Koa middleware for `GET`, `PUT` and `DELETE /api/v1/policy?site=&stream=`, for whoever has `ADMIN_TOKEN`. Without such a
 * token there is no such path.
 */
export function createAdmin(deps: AdminDeps): Middleware {
  const { config, addresses } = deps;
  if (config.adminToken === undefined) return (_, next) => next();
  const holdsToken = createTokenCheck(config.adminToken);
  return async (ctx, next) => {
    if (ctx.path !== POLICY_PATH) return next();
    const { address } = localityOf(config.swarmSecret, clientAddress(ctx.req, config.trustProxy), "unknown");
    ctx.set("Cache-Control", "no-store");
    let answer: Answer;
    // Counted before the token is looked at, or guesses would be free.
    if (addresses.takeAdmin(address) === "empty") {
      answer = refusal(429, "rate-limited", "too many requests from this address; try again in a while");
    } else if (!holdsToken(ctx.req.headers.authorization)) {
      ctx.set("WWW-Authenticate", "Bearer");
      answer = refusal(401, "unauthorised", "expected `Authorization: Bearer` with the tracker's ADMIN_TOKEN");
    } else answer = await answerTo(deps, ctx);
    ctx.status = answer.status;
    ctx.body = answer.body;
    if (!ctx.req.complete) ctx.set("Connection", "close");
  };
}

async function answerTo(deps: AdminDeps, ctx: KoaContext): Promise<Answer> {
  const scope = readScope(ctx.URL.searchParams, deps.config.site);
  if (typeof scope === "string") return refusal(400, "malformed", scope);
  try {
    switch (ctx.method) {
      case "GET":
        return { status: 200, body: shown(deps.policies, scope) };
      case "PUT":
        return await putRule(deps, ctx, scope);
      case "DELETE":
        await deps.policies.remove(scope);
        deps.log.info({ scope }, "policy rule taken away");
        return { status: 200, body: shown(deps.policies, scope) };
      default:
        ctx.set("Allow", "GET, PUT, DELETE");
        return refusal(405, "method-not-allowed", "expected GET, PUT or DELETE");
    }
  } catch (error) {
    deps.log.warn({ err: error }, "the policy's rules could not be changed");
    return refusal(503, "internal", "the rules could not be changed now; nothing was changed, try again");
  }
}

async function putRule({ policies, log }: AdminDeps, ctx: KoaContext, scope: Scope): Promise<Answer> {
  const body = await readBody(ctx.req, BODY_BYTES);
  if (body.kind === "aborted") return refusal(400, "malformed", "the request broke off");
  if (body.kind === "too-large") return refusal(413, "too-large", `a rule has at most ${BODY_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(body.text);
  } catch (error) {
    return refusal(400, "malformed", `the body is not JSON (${String(error)})`);
  }
  const rule = v.safeParse(RuleSchema, json, { abortEarly: true });
  if (!rule.success) return refusal(400, "malformed", describeIssue(rule.issues[0]));
  if ((await policies.put({ scope, rule: rule.output })) === "full") {
    return refusal(409, "full", `there are ${MAX_RULES} rules already; take some away first`);
  }
  log.info({ scope, rule: rule.output }, "policy rule set");
  return { status: 200, body: shown(policies, scope) };
}

/** What is set for a scope and what holds there; for everybody also which other rules there are. */
function shown(policies: PolicyBook, scope: Scope): object {
  return {
    scope,
    set: policies.ruleOf(scope) ?? null,
    effective: policies.termsOf(scope),
    ...(scope.kind === "all" ? { rules: policies.rules() } : {}),
  };
}

/** The scope that a query names, or what is wrong with it. A stream without a site is one of the tracker's own. */
function readScope(query: URLSearchParams, ownSite: string): Scope | string {
  const odd = [...query.keys()].find((name) => name !== "site" && name !== "stream");
  if (odd !== undefined) return `${odd.slice(0, 64)}: not known; expected site and stream`;
  // Empty means unset, as in a form.
  const stream = query.get("stream") || undefined;
  const site = query.get("site") || (stream === undefined ? undefined : ownSite);
  const named =
    site === undefined
      ? { kind: "all" }
      : stream === undefined
        ? { kind: "site", site }
        : { kind: "stream", site, stream };
  const parsed = v.safeParse(ScopeSchema, named, { abortEarly: true });
  return parsed.success ? parsed.output : describeIssue(parsed.issues[0]);
}
