import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Role } from "./role.ts";

/**
 * Hands each upgrade to the role that owns its path; all others get a 404 and are hung up on. Returns how to hang up on those
 * that are still open: Node counts an upgraded socket as the server's, yet does not close it with the other connections.
 */
export function routeUpgrades(server: Server, roles: readonly Role[]): () => void {
  const byPath = new Map(
    roles.flatMap(({ upgrades = [] }) => upgrades.map(({ path, handle }) => [path, handle] as const)),
  );
  const open = new Set<Duplex>();
  function forget(this: Duplex): void {
    open.delete(this);
  }
  server.on("upgrade", (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on("close", forget);
    const handle = byPath.get((req.url ?? "").split("?", 1)[0] ?? "");
    if (handle) handle(req, socket, head);
    else refuse(socket);
  });
  return () => {
    for (const socket of open) socket.destroy();
  };
}

function refuse(socket: Duplex): void {
  const hangUp = (): void => void socket.destroy();
  // A client that leaves first is no concern of ours, but an unheard "error" would end the process.
  socket.on("error", hangUp);
  socket.end(`HTTP/1.1 404 ${STATUS_CODES[404]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, hangUp);
}
