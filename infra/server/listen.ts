import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The port cannot be had; the message is one line that says why and what to do. */
export class ListenFailed extends Error {
  override readonly name = "ListenFailed";
}

/** Resolves once the server listens. */
export function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(new ListenFailed(explain(error, host, port), { cause: error }));
    };
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the server listens on no TCP port"));
      else resolve(address);
    });
  });
}

function explain({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use by another program. Stop that one, or choose another with PORT=8081.`;
    case "EACCES":
      return `This user may not open port ${port}. Choose one above 1023 with PORT=8080.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `HOST is "${host}", which is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all its addresses.`;
    default:
      return `Cannot listen on ${host} port ${port}: ${message}`;
  }
}
