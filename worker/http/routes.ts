import Router from "@koa/router";
import type { DefaultContext, DefaultState, Middleware, ParameterizedContext } from "koa";
import { StoreUnavailable } from "../store/port.ts";
import { type Granted, grant, type ReportAccess } from "./access.ts";
import { csvOf } from "./csv.ts";
import { readDimension, readFormat, readQuery, readSeriesQuery, readSite } from "./parameters.ts";
import { QueryRefused, type Reports } from "./queries.ts";

/** Where all reports are. */
export const REPORTS_PATH = "/api/v1/reports";

/** When one may ask again what could not be read, in seconds. */
const RETRY_SECONDS = 5;

/** One report: the whole answer, and its rows as a table has them. */
type Answer = { readonly body: object; readonly rows: readonly object[]; readonly name: string };
type Asked = { readonly query: ParameterizedContext["query"]; readonly site: string | undefined };

/** Koa middleware for `GET /api/v1/reports/…`; other paths pass through. */
export const createReportRoutes = (reports: Reports, access: ReportAccess): Middleware => {
  const answers: Record<string, (asked: Asked) => Promise<Answer>> = {
    summary: async ({ query, site }) => {
      const body = await reports.summary(readQuery(query, site));
      return { body, rows: [body], name: "summary" };
    },
    series: async ({ query, site }) => {
      const body = await reports.series(readSeriesQuery(query, site));
      const rows = body.points.map((point) => ({ ...point, at: new Date(point.at).toISOString() }));
      return { body, rows, name: "series" };
    },
    breakdown: async ({ query, site }) => {
      const by = readDimension(query);
      const body = await reports.breakdown({ ...readQuery(query, site), by });
      return { body, rows: body.rows, name: by };
    },
    streams: async ({ site }) => {
      const body = await reports.streams({ site });
      return { body, rows: body.streams, name: "streams" };
    },
    sessions: async ({ query, site }) => {
      const body = await reports.sessions(readQuery(query, site));
      return { body, rows: body.sessions, name: "sessions" };
    },
    holdout: async ({ query, site }) => {
      const body = await reports.holdout(readQuery(query, site));
      const { startupMs, stallRatio, bitsPerSecond } = body;
      const rows = Object.entries({ startupMs, stallRatio, bitsPerSecond }).map(([figure, comparison]) =>
        comparison.kind === "compared"
          ? { figure, ...comparison, needed: null }
          : { figure, ...NOT_COMPARED, ...comparison },
      );
      return { body, rows, name: "holdout" };
    },
  };

  const router = new Router({ prefix: REPORTS_PATH });
  router.use(async (ctx, next) => {
    ctx.set("Cache-Control", "no-store");
    const granted = grant(access, ctx.get("authorization"));
    if (granted.kind === "refused") {
      ctx.status = 401;
      ctx.set("WWW-Authenticate", 'Bearer realm="reports"');
      ctx.body = { code: "unauthorised", message: granted.message };
      return;
    }
    ctx.state.granted = granted;
    try {
      await next();
    } catch (error) {
      if (error instanceof QueryRefused) {
        ctx.status = 400;
        ctx.body = { code: error.code, message: error.message };
      } else if (error instanceof StoreUnavailable) {
        ctx.status = 503;
        ctx.set("Retry-After", String(RETRY_SECONDS));
        ctx.body = {
          code: "unavailable",
          message: "Reports cannot be read at the moment. Ask again in a few seconds.",
        };
      } else throw error;
    }
  });
  for (const [name, answer] of Object.entries(answers)) {
    router.get(`/${name}`, async (ctx) => {
      const format = readFormat(ctx.query);
      const granted = ctx.state.granted as Extract<Granted, { kind: "granted" }>;
      const { body, rows, name: file } = await answer({ query: ctx.query, site: readSite(ctx.query, granted) });
      if (format === "json") {
        ctx.body = body;
        return;
      }
      ctx.type = "text/csv; charset=utf-8; header=present";
      ctx.attachment(`shoal-${file}.csv`, { type: "attachment" });
      ctx.body = csvOf(rows);
    });
  }
  // The router itself adds `params` and `router` to the context that its type asks for.
  return router.routes() as Middleware<DefaultState, DefaultContext>;
};

/** The columns that only a comparison fills. */
const NOT_COMPARED = {
  kind: "",
  p2p: null,
  holdout: null,
  difference: null,
  interval: { from: null, to: null },
  verdict: null,
};
