import Koa from "koa";
import compress from "koa-compress";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { type Assets, serveAssets } from "./assets.ts";
import { errorAnswers } from "./errors.ts";
import { healthRoutes } from "./health.ts";
import { requestLog } from "./request-log.ts";
import type { Role } from "./role.ts";
import { securityHeaders } from "./security.ts";

export type ShellOptions = {
  readonly roles: readonly Role[];
  readonly assets: Assets;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly stopping: () => boolean;
};

/** The Koa application around all roles. What no role answers is a 404 in JSON. */
export function createApp({ roles, assets, log, metrics, stopping }: ShellOptions): Koa {
  const app = new Koa();
  // Koa would print these; faults of handlers are logged by `errorAnswers`, so what comes here is a client that left.
  app.on("error", (error: unknown) => log.debug({ err: error }, "connection broke off"));
  app.use(requestLog(log, () => performance.now()));
  app.use(securityHeaders());
  app.use(compress());
  app.use(errorAnswers(log));
  app.use(healthRoutes({ roles, metrics, log, stopping }));
  for (const role of roles) for (const middleware of role.middleware ?? []) app.use(middleware);
  app.use(serveAssets(assets));
  return app;
}
