import type { WebSocket } from "ws";
import { MISSED_PONGS } from "./timings.ts";

/** Pings a viewer every `pingMs` until it closes; `onDead` when it has answered none of the last `MISSED_PONGS`. */
export function startHeartbeat(socket: WebSocket, pingMs: number, onDead: () => void): void {
  let missed = 0;
  const timer = setInterval(() => {
    if (missed >= MISSED_PONGS) return onDead();
    missed += 1;
    socket.ping();
  }, pingMs);
  const alive = (): void => {
    missed = 0;
  };
  socket.on("pong", alive);
  socket.on("message", alive);
  socket.once("close", () => clearInterval(timer));
}
