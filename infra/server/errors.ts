import type { Context, Middleware } from "koa";
import type { Logger } from "pino";

/** Body of every answer that is not a success, unless a role wrote its own. */
export type ErrorBody = {
  /** Stable, for programs: `not-found`, `internal` … */
  readonly code: string;
  /** For people: what happened. */
  readonly message: string;
};

/** Turns what no role answered, and what one threw, into JSON. Details of faults go to the log, never to the client. */
export function errorAnswers(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      refuse(ctx, log, error);
      return;
    }
    if (ctx.status === 404 && ctx.body == null && ctx.respond !== false) {
      answer(ctx, 404, { code: "not-found", message: `Nothing is served at ${ctx.path}.` });
    }
  };
}

function refuse(ctx: Context, log: Logger, error: unknown): void {
  if (ctx.headerSent || ctx.respond === false) {
    log.debug({ err: error, path: ctx.path }, "answer broke off");
    ctx.res.destroy();
    return;
  }
  if (isClientError(error)) {
    answer(ctx, error.status, { code: "bad-request", message: error.message });
    return;
  }
  log.error({ err: error, method: ctx.method, path: ctx.path }, "request failed");
  answer(ctx, 500, { code: "internal", message: "Something went wrong on this server; its log says what." });
}

/** Errors of `ctx.throw` and of Koa's body helpers say by `expose` that the client may read them. */
function isClientError(error: unknown): error is Error & { status: number } {
  return (
    error instanceof Error &&
    "expose" in error &&
    error.expose === true &&
    "status" in error &&
    Number(error.status) >= 400
  );
}

function answer(ctx: Context, status: number, body: ErrorBody): void {
  ctx.status = status;
  ctx.set("Cache-Control", "no-store");
  ctx.body = body;
}
