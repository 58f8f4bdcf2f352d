import Router from "@koa/router";
import type { DefaultContext, DefaultState, Middleware, ParameterizedContext } from "koa";
import { LIMITS } from "../../tracker/protocol/index.ts";
import { badStream, badTime, parseTime } from "../reports/index.ts";
import { QueryRefused, type ReportQuery, type Reports } from "./queries.ts";

/** Koa middleware for `GET /api/v1/reports/summary`, `/series` and `/streams`; other paths pass through. */
export const createReportRoutes = (reports: Reports): Middleware => {
  const router = new Router({ prefix: "/api/v1/reports" });
  router.use(async (ctx, next) => {
    ctx.set("Cache-Control", "no-store");
    try {
      await next();
    } catch (error) {
      if (!(error instanceof QueryRefused)) throw error;
      ctx.status = 400;
      ctx.body = { code: error.code, message: error.message };
    }
  });
  router.get("/summary", async (ctx) => {
    ctx.body = await reports.summary(readQuery(ctx));
  });
  router.get("/series", async (ctx) => {
    ctx.body = await reports.series(readQuery(ctx));
  });
  router.get("/streams", async (ctx) => {
    ctx.body = await reports.streams();
  });
  // The router itself adds `params` and `router` to the context that its type asks for.
  return router.routes() as Middleware<DefaultState, DefaultContext>;
};

const readQuery = ({ query }: Pick<ParameterizedContext, "query">): ReportQuery => {
  if (Array.isArray(query.stream)) throw new QueryRefused(badStream(LIMITS.streamLength).fault);
  return { stream: query.stream, from: readTime("from", query.from), to: readTime("to", query.to) };
};

const readTime = (name: "from" | "to", text: string | string[] | undefined): number | undefined => {
  if (text === undefined || text === "") return undefined;
  const at = typeof text === "string" ? parseTime(text) : null;
  if (at === null) throw new QueryRefused(badTime(name).fault);
  return at;
};
