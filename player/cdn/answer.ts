import type { CdnFault } from "../engine/types.ts";
import { PEER_LIMITS } from "../protocol/index.ts";
import type { Ask } from "./ask.ts";

/** What of an answer's head is read. Headers hidden by CORS, and absent ones, are `undefined`. */
export type Head = {
  readonly status: number;
  readonly contentRange: string | undefined;
  /** Body bytes as the head tells them; `undefined` when hidden, absent, or the size of something else (a content coding). */
  readonly bodyBytes: number | undefined;
};

/** How the body maps onto the segment. All places are bytes of the segment. */
export type Answer = {
  /** Where the body's first byte lies; below 0 when the body begins before the segment does. */
  readonly at: number;
  /** Size of the whole segment, if told. */
  readonly size: number | undefined;
  /** Where the wanted bytes end, if known before the body does; a body that ends before it, or goes on, is broken. */
  readonly end: number | undefined;
  /** The body may rightly go on beyond `end`, because the origin ignored the Range header: stop there. */
  readonly runsOn: boolean;
};

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;

/** Reads the answer's head (RFC 9110 sections 14.4 and 15.3.7), or says why the answer is of no use. */
export function readHead(ask: Ask, head: Head): Answer | CdnFault {
  // 416 as well: the segment is shorter than was believed.
  if (head.status < 200 || head.status > 299) return { kind: "http", status: head.status };
  const answer = head.status === 206 ? partOf(ask, head) : wholeOf(ask, head);
  if ("kind" in answer) return answer;
  const { at, size, end } = answer;
  if ((size ?? end ?? 0) > PEER_LIMITS.segmentBytes) return { kind: "wrong-size" };
  // An empty segment is none; and reading through most of a film to reach one of its segments is worse than failing.
  if (size === 0 || at < -PEER_LIMITS.segmentBytes) return { kind: "wrong-size" };
  return answer;
}

/** 200, also in answer to a Range header: the whole resource. */
function wholeOf(ask: Ask, { bodyBytes }: Head): Answer {
  const size = ask.size ?? bodyBytes;
  const stop = ask.to ?? ask.size;
  const end = stop === undefined ? size : Math.min(stop, size ?? stop);
  return { at: 0 - ask.base, size, end, runsOn: stop !== undefined };
}

function partOf(ask: Ask, { contentRange, bodyBytes }: Head): Answer | CdnFault {
  const told = contentRange === undefined ? undefined : parseContentRange(contentRange);
  const wanted = ask.to ?? ask.size;
  if (told === undefined) {
    // Content-Range is not CORS-safelisted; where it is hidden, an honest 206 has what was asked for.
    const rest = wanted === undefined && bodyBytes !== undefined ? ask.from + bodyBytes : undefined;
    const size = ask.size ?? rest;
    return { at: ask.from, size, end: wanted ?? rest, runsOn: false };
  }
  const { first, last, total } = told;
  const given = last + 1 - ask.base;
  const size = ask.size ?? total;
  const end = wanted ?? size ?? given;
  // The playlist's byte range reaches beyond the resource; or less came than was asked for, and why cannot be told.
  if (total !== undefined && ask.size !== undefined && total < ask.base + ask.size) return { kind: "wrong-size" };
  if (size === undefined && given < end) return { kind: "wrong-size" };
  return {
    at: first - ask.base,
    size,
    // An origin may send less than was asked for (RFC 9110 section 15.3.7); then that is where this transfer ends.
    end: Math.min(end, given),
    runsOn: given > end,
  };
}

type ContentRange = { readonly first: number; readonly last: number; readonly total: number | undefined };

function parseContentRange(text: string): ContentRange | undefined {
  const [, first, last, total] = CONTENT_RANGE.exec(text) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) return undefined;
  if (total === "*") return { first: Number(first), last: Number(last), total: undefined };
  return Number(last) < Number(total) ? { first: Number(first), last: Number(last), total: Number(total) } : undefined;
}
