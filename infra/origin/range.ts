/** Which bytes of a resource a request asks for. `end` is inclusive, as on the wire. */
export type RequestedBytes =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

const WHOLE: RequestedBytes = { kind: "whole" };

/**
 * Reads `Range` and `If-Range` of a GET (RFC 9110 sections 13.1.5 and 14.2) for a resource of `size` bytes. What is malformed,
 * in another unit, of several ranges, or conditional on another version asks for the whole, as the RFC allows.
 */
export function requestedBytes(range: string, ifRange: string, size: number, etag: string): RequestedBytes {
  if (range === "" || (ifRange !== "" && ifRange !== etag)) return WHOLE;
  const spec = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(range.trim());
  if (!spec) return WHOLE;
  const [, first = "", last = ""] = spec;
  if (first === "" && last === "") return WHOLE;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? { kind: "unsatisfiable" } : { kind: "part", start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return WHOLE;
  return start >= size ? { kind: "unsatisfiable" } : { kind: "part", start, end };
}
