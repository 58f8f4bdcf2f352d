import type { WebSocket } from "ws";

/** Cuts a socket that was asked to close and does not within `closeMs`. */
export function cutSocketSoon(socket: WebSocket, closeMs: number): void {
  if (socket.readyState === socket.CLOSED) return;
  const timer = setTimeout(() => socket.terminate(), closeMs);
  socket.once("close", () => clearTimeout(timer));
}
