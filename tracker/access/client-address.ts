import type { IncomingMessage } from "node:http";
import { isIP, isIPv4 } from "node:net";

/**
 * The viewer's address: the socket's, or behind `hops` trusted proxies the entry of `X-Forwarded-For` that the outermost of
 * them wrote. Entries further left are the viewer's own claim and never believed. `undefined` when there is none, as on a
 * Unix socket without a proxy.
 */
export function clientAddress(request: IncomingMessage, hops: number): string | undefined {
  const direct = request.socket.remoteAddress;
  if (hops === 0) return cleanAddress(direct);
  const header = request.headers["x-forwarded-for"];
  const entries = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",").slice(-hops);
  // A missing or garbled entry is bridged by the next one towards us, which a trusted proxy wrote.
  for (const entry of [...entries, direct]) {
    const address = cleanAddress(entry?.trim());
    if (address !== undefined) return address;
  }
  return undefined;
}

/** Takes off a port, brackets and a zone; `undefined` when what is left is no address. */
function cleanAddress(text: string | undefined): string | undefined {
  // Nearly all are plain IPv4.
  if (text === undefined || isIPv4(text)) return text;
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  const withPort = /^([\d.]+):\d+$/.exec(text)?.[1];
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/, "");
  return isIP(address) === 0 ? undefined : address;
}
