import type { CdnFault } from "../engine/types.ts";
import { PEER_LIMITS } from "../protocol/index.ts";
import type { Cdn, CdnSource, CdnTransferEvents, Clock } from "../session/ports.ts";
import { type Answer, type Head, readHead } from "./answer.ts";
import { type Ask, askFor, rangeHeader } from "./ask.ts";
import { type Cutter, createCutter } from "./cutter.ts";
import { createTimeouts } from "./timeouts.ts";
import { createVersions } from "./versions.ts";

/** Hosts remembered for a Content-Length that was not the body's. */
const MOST_CODED_HOSTS = 64;

/**
 * The CDN over `fetch`, read as a stream. Events come from later turns, never from inside `get`. A body that breaks off ends in
 * `network`, because browsers report a lost connection and a truncated body alike; one that ends in order but is shorter or
 * longer than promised ends in `wrong-size`.
 */
export function createFetchCdn(options: { readonly fetch?: typeof fetch; readonly clock: Clock }): Cdn {
  const load: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));
  /**
   * Hosts whose answers are compressed on the way. A page on another origin may read Content-Length but not Content-Encoding, so
   * the first such answer fails by its size; from then on the host's Content-Length is not believed.
   */
  const codedHosts = new Set<string>();
  const versions = createVersions();

  function rememberCoded(response: Response): void {
    if (response.type !== "cors" || !response.headers.has("content-length")) return;
    if (codedHosts.size >= MOST_CODED_HOSTS) codedHosts.clear();
    codedHosts.add(hostOf(response.url));
  }

  function headOf(response: Response): Head {
    const { headers } = response;
    const coding = headers.get("content-encoding") ?? "identity";
    const length = headers.get("content-length") ?? "";
    const believed = coding === "identity" && !codedHosts.has(hostOf(response.url)) && /^\d{1,15}$/.test(length);
    return {
      status: response.status,
      contentRange: headers.get("content-range") ?? undefined,
      bodyBytes: believed ? Number(length) : undefined,
    };
  }

  function get(source: CdnSource, from: number, to: number | undefined, events: CdnTransferEvents) {
    const ask = askFor(source, from, to);
    const controller = new AbortController();
    const timeouts = createTimeouts(options.clock, source, () => fail({ kind: "timeout" }));
    let over = false;
    let cutter: Cutter | undefined;

    /** Ends the transfer: nothing of it is heard after this. */
    const finish = (): { readonly stray: number } => {
      over = true;
      timeouts.stop();
      cutter?.stop();
      // Also frees the connection when the rest of a body is not wanted.
      controller.abort();
      return { stray: cutter?.stray() ?? 0 };
    };
    const fail = (fault: CdnFault): void => {
      if (!over) events.onFailed(fault, finish().stray);
    };
    const done = (): void => {
      if (!over) events.onDone(finish().stray);
    };

    async function run(): Promise<void> {
      const response = await load(source.url, requestOf(source, ask, controller.signal));
      if (over) return;
      timeouts.headCame();
      const answer = readHead(ask, headOf(response));
      if ("kind" in answer) return fail(answer);
      // Of a segment that is asked for in part, the other part is held already.
      const inPart = from > 0 || to !== undefined;
      if (versions.changed(source.url, response.headers) && inPart) return fail({ kind: "changed" });
      const cut = createCutter(answer, events.onBlock);
      cutter = cut;
      events.onOpened(answer.size, firstBlock(answer), answer.runsOn);
      const reader = response.body?.getReader();
      while (!over) {
        const piece = reader === undefined ? undefined : (await reader.read()).value;
        if (over) return;
        const state = piece === undefined ? cut.finish() : cut.push(piece);
        if (over || state === "more") continue;
        if (state !== "wrong-size") return done();
        rememberCoded(response);
        return fail({ kind: "wrong-size" });
      }
    }

    run().catch(() => fail({ kind: "network" }));
    return { abort: finish };
  }

  return { get };
}

/** Start of the first block that will come whole; what comes before it is stray. */
export const firstBlock = ({ at }: Answer): number =>
  Math.max(0, Math.ceil(at / PEER_LIMITS.blockBytes)) * PEER_LIMITS.blockBytes;

function requestOf(source: CdnSource, ask: Ask, signal: AbortSignal): RequestInit {
  const headers = new Headers(source.headers);
  if (ask.range !== undefined) headers.set("range", rangeHeader(ask.range));
  // As XMLHttpRequest does it: cookies go to the page's own origin in any case.
  return { headers, signal, credentials: source.withCredentials ? "include" : "same-origin" };
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : "");
