import type { IncomingMessage } from "node:http";

/** `too-large` is known before the rest has come; `aborted` when the sender went away. */
export type Body =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "too-large" }
  | { readonly kind: "aborted" };

/** Reads a request's body as UTF-8 text of at most `maxBytes`. Never rejects. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve({ kind: "too-large" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (body: Body): void => {
      request.off("data", take).off("end", end).off("close", abort);
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) finish({ kind: "too-large" });
      else chunks.push(chunk);
    };
    const end = (): void => finish({ kind: "text", text: Buffer.concat(chunks).toString("utf8") });
    const abort = (): void => finish({ kind: "aborted" });
    // An aborted request also emits an error, which `close` follows.
    request.on("data", take).on("end", end).on("close", abort).on("error", abort);
  });
}
