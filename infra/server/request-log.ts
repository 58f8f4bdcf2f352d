import type { Middleware } from "koa";
import type { Logger } from "pino";

/** One line a request, at level `info`. Neither addresses nor query strings, which may carry a viewer's token. */
export function requestLog(log: Logger, now: () => number): Middleware {
  return async (ctx, next) => {
    const began = now();
    await next();
    log.info({ method: ctx.method, path: ctx.path, status: ctx.status, ms: Math.round(now() - began) }, "request");
  };
}
