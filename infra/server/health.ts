import Router from "@koa/router";
import type { DefaultContext, DefaultState, Middleware } from "koa";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Readiness, Role } from "./role.ts";

/** A role that has not said whether it is ready after so many milliseconds is not. */
const READY_TIMEOUT_MS = 2000;

export type HealthOptions = {
  readonly roles: readonly Role[];
  readonly metrics: Registry;
  readonly log: Logger;
  /** True once the process has been told to stop. */
  readonly stopping: () => boolean;
};

/**
 * `/healthz`: the process answers. `/readyz`: every role can work, if only in part, and none is on its way out; a balancer asks
 * this.
 * `/metrics`: Prometheus.
 */
export function healthRoutes({ roles, metrics, log, stopping }: HealthOptions): Middleware {
  const router = new Router();
  router.use(async (ctx, next) => {
    ctx.set("Cache-Control", "no-store");
    await next();
  });
  router.get("/healthz", (ctx) => {
    ctx.body = { status: "ok" };
  });
  router.get("/readyz", async (ctx) => {
    const states = await Promise.all(roles.map(async (role) => [role.name, await readiness(role, log)] as const));
    const status = stopping() ? "stopping" : statusOf(states.map(([, state]) => state));
    ctx.status = status === "ready" || status === "degraded" ? 200 : 503;
    ctx.body = { status, roles: Object.fromEntries(states) };
  });
  router.get("/metrics", async (ctx) => {
    ctx.body = await metrics.metrics();
    ctx.type = metrics.contentType;
  });
  // The router itself adds `params` and `router` to the context that its type asks for.
  return router.routes() as Middleware<DefaultState, DefaultContext>;
}

function statusOf(states: readonly Readiness[]): "ready" | "degraded" | "not-ready" {
  if (states.some((state) => typeof state === "object" && "reason" in state)) return "not-ready";
  return states.every((state) => state === "ready") ? "ready" : "degraded";
}

async function readiness(role: Role, log: Logger): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Readiness>((resolve) => {
    timer = setTimeout(resolve, READY_TIMEOUT_MS, { reason: `no answer within ${READY_TIMEOUT_MS} ms` });
  });
  try {
    return role.ready ? await Promise.race([role.ready(), tooLate]) : "ready";
  } catch (error) {
    log.warn({ err: error, role: role.name }, "role is not ready");
    return { reason: "its check failed; the log says why" };
  } finally {
    clearTimeout(timer);
  }
}
