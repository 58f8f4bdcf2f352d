import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach } from "vitest";
import { createFetchCdn } from "../../../../player/cdn/index.ts";
import type { CdnSource } from "../../../../player/session/ports.ts";
import { fakeClock } from "../transport/clocks.ts";
import { BLOCK, bytesOf, sourceOf, transfer } from "./transfer.ts";

/** A segment of three blocks and a short one. */
export const SEGMENT = bytesOf(3 * BLOCK + 1000);
export const SIZE = SEGMENT.byteLength;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server that answers as a test tells it to. */
class Origin {
  handler: Handler = ranged(SEGMENT);
  /** The Range header of each request so far. */
  asked: (string | undefined)[] = [];
  readonly server: Server = createServer((request, response) => {
    this.asked.push(request.headers.range);
    this.handler(request, response);
  });

  url = "";

  async listen(): Promise<void> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/seg.ts`;
  }

  /** Loads the segment, or bytes `from` to `to` of it, and tells all that came of it. */
  load(
    from?: number,
    to?: number,
    more: Partial<CdnSource> = {},
    options: Partial<Parameters<typeof createFetchCdn>[0]> = {},
  ) {
    const cdn = createFetchCdn({ clock: fakeClock(), ...options });
    return transfer(cdn, sourceOf(this.url, more), from, to).ended;
  }
}

/** An origin of its own for each test of a file. */
export function originForEachTest(): () => Origin {
  let origin: Origin;
  beforeEach(async () => {
    origin = new Origin();
    await origin.listen();
  });
  afterEach(async () => {
    origin.server.closeAllConnections();
    await new Promise((resolve) => origin.server.close(resolve));
  });
  return () => origin;
}

/** An origin with Range support, as `nginx` answers. */
export const ranged =
  (body: Uint8Array): Handler =>
  (request, response) => {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    if (first === undefined) return void response.writeHead(200, { "content-length": body.byteLength }).end(body);
    if (Number(first) >= body.byteLength) return void response.writeHead(416).end("no such range");
    const end = Math.min(body.byteLength, last ? Number(last) + 1 : body.byteLength);
    const part = body.subarray(Number(first), end);
    response
      .writeHead(206, {
        "content-range": `bytes ${first}-${end - 1}/${body.byteLength}`,
        "content-length": part.byteLength,
      })
      .end(part);
  };
export const whole =
  (body: Uint8Array, headers: Record<string, string | number> = { "content-length": body.byteLength }): Handler =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body);
export const reply =
  (status: number, headers: Record<string, string | number>, body: Uint8Array | string): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

/** What a page on another origin gets to see: the safelisted headers (Fetch, section 3.3.3) and no others. */
export const crossOrigin: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const headers = new Headers();
  for (const name of ["content-length", "content-type", "cache-control"]) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const seen = new Response(response.body, { status: response.status, headers });
  return Object.defineProperties(seen, { type: { value: "cors" }, url: { value: response.url } });
};
