import type { Effect, Engine, EngineEvent, FetchId, RequestId } from "../../player/engine/types.ts";
import { segmentId } from "../../player/protocol/index.ts";
import type { CdnReason } from "../../worker/protocol/index.ts";
import type { Book, Fault } from "./book.ts";
import type { Stream } from "./media.ts";
import { createWatch, type OpenWant } from "./watch.ts";

/**
 * `close`: every rule is looked at after every event. `books`: only that requests end once and bytes add up, which costs next
 * to nothing.
 */
export type Scrutiny = "close" | "books";

export type Audit = {
  /** Told after each call of `handle`, before its effects are carried out. */
  readonly handled: (event: EngineEvent, effects: readonly Effect[]) => void;
  /** Bytes that the viewer received from the CDN. */
  readonly cdnBytes: (bytes: number) => void;
  readonly transferOver: (fetch: FetchId) => void;
  /** The viewer goes. `untold`: CDN bytes that came in and that the engine has not been told of. */
  readonly finish: (untold: number) => void;
  readonly counts: AuditCounts;
};

export type AuditCounts = {
  /** Segments that came after their deadline or not at all, other than those asked for when playback was dry. */
  late: number;
  worstLateMs: number;
  frames: number;
};

/** Watches one engine from outside. */
export function createAudit(of: {
  readonly viewer: number;
  readonly scrutiny: Scrutiny;
  readonly now: () => number;
  readonly engine: Engine;
  readonly stream: Stream;
  readonly storeBytes: number;
  readonly book: Book;
}): Audit {
  const { engine, now, book } = of;
  const wants = new Map<RequestId, OpenWant>();
  let deliveredBytes = 0;
  let uploaded = 0;
  let fromCdn = 0;
  const counts: AuditCounts = { late: 0, worstLateMs: 0, frames: 0 };

  const fault: Fault = (rule, detail) => book.note({ rule, atMs: now(), viewer: of.viewer, detail });
  const watch = of.scrutiny === "close" ? createWatch({ ...of, wants, fault }) : undefined;

  const answer = (request: RequestId, how: string): OpenWant | undefined => {
    const want = wants.get(request);
    if (want === undefined) fault("answered-once", `${how} request ${request}, which is not open`);
    wants.delete(request);
    return want;
  };

  const noteLate = (want: OpenWant): void => {
    if (now() <= want.deadline || want.deadline <= want.at) return;
    counts.late++;
    counts.worstLateMs = Math.max(counts.worstLateMs, now() - want.deadline);
  };

  const note = (event: EngineEvent): void => {
    if (event.t === "want") {
      wants.set(event.request, { segment: segmentId(event.key), deadline: event.deadline, at: now() });
    } else if (event.t === "abandon") answer(event.request, "abandoned");
  };

  const count = (effect: Effect): void => {
    if (effect.t === "send") {
      counts.frames++;
      if (effect.frame.t === "block") uploaded += effect.frame.bytes.byteLength;
    } else if (effect.t === "deliver") {
      const want = answer(effect.request, "delivered");
      if (want === undefined) return;
      noteLate(want);
      watch?.delivered(effect, want.segment);
      for (const block of effect.blocks) deliveredBytes += block.byteLength;
    } else if (effect.t === "fail") answer(effect.request, "failed");
  };

  return {
    counts,
    handled(event, effects) {
      note(event);
      watch?.before(event);
      for (const effect of effects) {
        count(effect);
        watch?.carriedOut(effect);
      }
      watch?.after(event);
    },
    cdnBytes: (bytes) => {
      fromCdn += bytes;
    },
    transferOver: (fetch) => watch?.transferOver(fetch),
    finish(untold) {
      for (const want of wants.values()) noteLate(want);
      const totals = engine.totals();
      const reasons = (Object.keys(totals.cdnReasons) as CdnReason[]).reduce((sum, r) => sum + totals.cdnReasons[r], 0);
      if (reasons !== totals.cdn) fault("ledger", `reasons add up to ${reasons}, but ${totals.cdn} came from the CDN`);
      if (totals.cdn + untold !== fromCdn) fault("ledger", `CDN ${totals.cdn} + ${untold}, but it sent ${fromCdn}`);
      if (totals.played !== deliveredBytes) fault("ledger", `played ${totals.played}, but ${deliveredBytes} delivered`);
      if (totals.uploaded !== uploaded) fault("ledger", `uploaded ${totals.uploaded}, but ${uploaded} sent`);
    },
  };
}
