import type { HlsConfig, Loader, LoaderConfiguration, LoaderContext } from "hls.js";
import type { CdnFault } from "../engine/types.ts";
import type { Cdn, CdnSource, CdnTransferEvents } from "../session/ports.ts";
import { readHead } from "./answer.ts";
import { type Ask, askFor, rangeHeader } from "./ask.ts";
import { createCutter } from "./cutter.ts";
import { firstBlock } from "./fetch-cdn.ts";

/** A loader class of hls.js, or one that a page wrote for it. */
export type LoaderClass = new (config: HlsConfig) => Loader<LoaderContext>;

/**
 * The CDN through the page's own hls.js loader, for pages that set cookies or headers in `xhrSetup`, or load by other means. The
 * loader gives the answer whole, so blocks come only at its end.
 */
export function createLoaderCdn(options: { readonly loader: LoaderClass; readonly config: HlsConfig }): Cdn {
  function get(source: CdnSource, from: number, to: number | undefined, events: CdnTransferEvents) {
    const ask = askFor(source, from, to);
    const loader = new options.loader(options.config);
    let over = false;
    let left = 0;
    // What is left once the answer is cut; until then, what the loader says has come.
    let stray = (): number => loader.stats.loaded;
    let stop = (): void => undefined;

    const end = (): { readonly stray: number } => {
      if (!over) {
        over = true;
        stop();
        left = stray();
        // Its `stats` are gone after this.
        loader.destroy();
      }
      return { stray: left };
    };
    const fail = (fault: CdnFault): void => {
      if (!over) events.onFailed(fault, end().stray);
    };

    /** Cuts the whole answer into blocks; says what is wrong with it. */
    function cut(code: number | undefined, data: unknown): CdnFault | undefined {
      if (!(data instanceof ArrayBuffer)) return { kind: "network" };
      stray = () => data.byteLength;
      const status = code || guessStatus(ask, data.byteLength);
      const answer = readHead(ask, { status, contentRange: undefined, bodyBytes: data.byteLength });
      if ("kind" in answer) return answer;
      const cutter = createCutter(answer, events.onBlock);
      events.onOpened(answer.size, firstBlock(answer), answer.runsOn);
      if (over) return undefined;
      stray = cutter.stray;
      stop = cutter.stop;
      const state = cutter.push(new Uint8Array(data));
      const whole = state === "enough" || (state === "more" && cutter.finish() === "done");
      return whole ? undefined : { kind: "wrong-size" };
    }

    function take(code: number | undefined, data: unknown): void {
      if (over) return;
      const fault = cut(code, data);
      if (fault !== undefined) fail(fault);
      else if (!over) events.onDone(end().stray);
    }

    const start = (): void => {
      loader.load(contextOf(source, ask), configurationOf(source), {
        onSuccess: (response) => take(response.code, response.data),
        onError: ({ code }) => fail(code >= 300 && code < 600 ? { kind: "http", status: code } : { kind: "network" }),
        onTimeout: () => fail({ kind: "timeout" }),
      });
    };
    // In a later turn: a page's own loader may throw, or have the answer at once, and no event comes from inside `get`.
    queueMicrotask(() => {
      if (over) return;
      try {
        start();
      } catch {
        fail({ kind: "network" });
      }
    });
    return { abort: end };
  }

  return { get };
}

/** For loaders that tell no HTTP status: the length shows whether the range was honoured. */
function guessStatus({ range }: Ask, bytes: number): number {
  if (range === undefined) return 200;
  return range.last === undefined || range.last - range.first + 1 === bytes ? 206 : 200;
}

function contextOf({ url, headers }: CdnSource, { range }: Ask): LoaderContext {
  const context = { url, responseType: "arraybuffer", type: "media-fragment", progressData: false } as LoaderContext;
  if (range === undefined) return { ...context, headers: { ...headers } };
  // hls.js' loaders know no range without an end; theirs is exclusive.
  if (range.last === undefined) return { ...context, headers: { ...headers, Range: rangeHeader(range) } };
  return { ...context, headers: { ...headers }, rangeStart: range.first, rangeEnd: range.last + 1 };
}

/** No retries: the engine decides what to try next. */
function configurationOf({ firstByteMs, totalMs }: CdnSource): LoaderConfiguration {
  return {
    loadPolicy: { maxTimeToFirstByteMs: firstByteMs, maxLoadTimeMs: totalMs, timeoutRetry: null, errorRetry: null },
    maxRetry: 0,
    timeout: totalMs,
    retryDelay: 0,
    maxRetryDelay: 0,
  };
}
