import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { writeNow } from "./write-together.ts";

/** A WebSocket whose frames go to its TCP socket by `writeTogether`, and before it closes: nothing may follow a closing frame. */
export class FramedSocket extends WebSocket {
  stream: Duplex | undefined;

  /** `ws` calls this too, when the other side closes. */
  override close(code?: number, reason?: string | Buffer): void {
    if (this.stream) writeNow(this.stream);
    super.close(code, reason);
  }
}
