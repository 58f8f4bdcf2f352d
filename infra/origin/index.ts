import { setTimeout as sleep } from "node:timers/promises";
import cors from "@koa/cors";
import Router, { type RouterContext } from "@koa/router";
import type { DefaultContext, DefaultState, Middleware } from "koa";
import { answer } from "./answer.ts";
import { createCounter, type OriginCounts } from "./counts.ts";
import type { FaultScript } from "./faults.ts";
import type { SampleMedia } from "./media.ts";
import { createCatalogue, type Served, type Stream } from "./resources.ts";

export type { OriginCounts, Tally } from "./counts.ts";
export type { Fault, FaultScript, OriginRequest } from "./faults.ts";
export { loadSample, type SampleMedia } from "./media.ts";

export type OriginOptions = {
  readonly media: SampleMedia;
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number;
  /** Upper bound for each answer, in bytes per second. Default: none. */
  readonly bytesPerSecond?: number;
  /** For tests: what goes wrong, and when. */
  readonly faults?: FaultScript;
  /** Waits for so many milliseconds; default a timer. */
  readonly wait?: (ms: number) => Promise<unknown>;
};

/** The demo's stand-in for a CDN: `/demo/{live,vod}/…`, with an exact account of what it sent. */
export type Origin = {
  readonly middleware: Middleware;
  readonly counts: () => OriginCounts;
  readonly reset: () => void;
};

export function createOrigin(options: OriginOptions): Origin {
  const { now = Date.now, wait = sleep, bytesPerSecond, faults = () => undefined } = options;
  const catalogue = createCatalogue(options.media);
  const counter = createCounter();
  const router = new Router({ prefix: "/demo" });
  const serve = (ctx: RouterContext, served: Served | undefined) =>
    served && answer(ctx, served, { counter, faults, bytesPerSecond, wait });

  router.use(
    cors({
      origin: "*",
      allowMethods: ["GET", "HEAD", "OPTIONS"],
      allowHeaders: ["Range", "If-Range", "If-None-Match"],
      exposeHeaders: ["Content-Length", "Content-Range", "ETag"],
      maxAge: 86_400,
    }),
  );
  router.get("/origin/counts", (ctx) => {
    ctx.set("Cache-Control", "no-store");
    ctx.body = counter.snapshot();
  });
  router.post("/origin/reset", (ctx) => {
    counter.reset();
    ctx.status = 204;
  });
  for (const stream of ["live", "vod"] satisfies Stream[]) {
    router.get(`/${stream}/master.m3u8`, (ctx) => serve(ctx, catalogue.multivariant()));
    router.get(`/${stream}/:rendition.m3u8`, (ctx) =>
      serve(ctx, catalogue.playlist(stream, ctx.params.rendition ?? "", now())),
    );
    router.get(`/${stream}/:rendition/:msn.ts`, (ctx) => {
      const msn = ctx.params.msn ?? "";
      // One spelling for each number, so that one segment has one URL.
      if (!/^(0|[1-9]\d{0,11})$/.test(msn)) return undefined;
      return serve(ctx, catalogue.segment(stream, ctx.params.rendition ?? "", Number(msn), now()));
    });
  }
  // Lets `cors` see the preflight of any of the paths above.
  router.options(/.*/, (ctx) => {
    ctx.status = 204;
  });

  // The router itself adds `params` and `router` to the context that its type asks for.
  const middleware = router.routes() as Middleware<DefaultState, DefaultContext>;
  return { middleware, counts: counter.snapshot, reset: counter.reset };
}
