import { once } from "node:events";
import type { Context } from "koa";
import type { Counter } from "./counts.ts";
import type { FaultScript } from "./faults.ts";
import { requestedBytes } from "./range.ts";
import type { Served } from "./resources.ts";
import { sendBody } from "./send.ts";

export type Answering = {
  readonly counter: Counter;
  readonly faults: FaultScript;
  readonly bytesPerSecond: number | undefined;
  readonly wait: (ms: number) => Promise<unknown>;
};

/** Answers a GET or HEAD for one resource: conditions and range first (RFC 9110 section 13.2.2), then the bytes, counted. */
export async function answer(ctx: Context, served: Served, answering: Answering): Promise<void> {
  const { counter, bytesPerSecond, wait } = answering;
  const range = ctx.get("Range");
  const fault = answering.faults({ kind: served.kind, path: ctx.path, method: ctx.method, range });
  const resource = { kind: served.kind, key: ctx.path };
  counter.asked(resource);

  if (fault?.kind === "hang") {
    ctx.respond = false;
    await once(ctx.res, "close");
    return;
  }
  if (fault?.kind === "status") return refuse(ctx, fault.status);

  // The answer is the same for everybody; `Vary` would make caches keep a copy for each kind of asker.
  ctx.remove("Vary");
  ctx.status = 200;
  ctx.type = served.type;
  ctx.set({
    ETag: served.etag,
    "Cache-Control": `public, max-age=${served.maxAge}`,
    "Accept-Ranges": fault?.kind === "no-range" ? "none" : "bytes",
    // Any page may play the demo stream, also one that isolates itself from other origins.
    "Cross-Origin-Resource-Policy": "cross-origin",
  });
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }

  const body = chosenBytes(ctx, served, fault?.kind === "no-range" ? "" : range);
  if (!body) return;
  ctx.length = body.length;
  if (ctx.method === "HEAD") return;

  ctx.respond = false;
  const cut = fault?.kind === "cut" ? fault.afterBytes : undefined;
  await sendBody(ctx.res, cut === undefined ? body : body.subarray(0, cut), {
    onWritten: (bytes) => counter.sent(resource, bytes),
    bytesPerSecond,
    wait,
    end: cut === undefined ? "whole" : "broken",
  });
}

/** The bytes to send, with the status and headers that tell which they are; undefined when there are none. */
function chosenBytes(ctx: Context, served: Served, range: string): Buffer | undefined {
  const size = served.body.length;
  // Range is defined for GET alone (RFC 9110 section 14.2).
  const asked = requestedBytes(ctx.method === "GET" ? range : "", ctx.get("If-Range"), size, served.etag);
  switch (asked.kind) {
    case "whole":
      return served.body;
    case "part":
      ctx.status = 206;
      ctx.set("Content-Range", `bytes ${asked.start}-${asked.end}/${size}`);
      return served.body.subarray(asked.start, asked.end + 1);
    case "unsatisfiable":
      refuse(ctx, 416);
      ctx.set("Content-Range", `bytes */${size}`);
      return undefined;
    default:
      return asked satisfies never;
  }
}

function refuse(ctx: Context, status: number): void {
  ctx.remove("ETag");
  ctx.set("Cache-Control", "no-store");
  ctx.status = status;
  ctx.body = "";
}
