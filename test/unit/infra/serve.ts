import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { pino } from "pino";
import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import { type Assets, type Role, type RunningServer, startServer } from "../../../infra/server/index.ts";

export type Served = { readonly url: string; readonly server: RunningServer };

/** Serves these roles on a free port until the test ends. `logged` takes what is logged, one JSON line each. */
export async function serve(
  roles: readonly Role[],
  { assets = new Map(), logged = [] }: { assets?: Assets; logged?: string[] } = {},
): Promise<Served> {
  const log = pino({ level: "debug" }, { write: (line: string) => void logged.push(line) });
  const server = await startServer({ host: "127.0.0.1", port: 0, roles, assets, log, metrics: new Registry() });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= server.close();
    return closed;
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${server.address.port}`, server: { ...server, close } };
}

/** A request whose answer's body is read by the test itself, or not at all. */
export async function open(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ req: ClientRequest; res: IncomingMessage }> {
  const req = request(url, { headers, agent: false });
  req.end();
  const [res] = (await once(req, "response")) as [IncomingMessage];
  return { req, res };
}
