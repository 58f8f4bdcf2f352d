import type { Writable } from "node:stream";

/** Bytes handed to the socket at one time; each is counted once the system took it. */
const CHUNK_BYTES = 64 * 1024;

export type Sending = {
  /** Told each time that more body bytes have been written to the socket. */
  readonly onWritten: (bytes: number) => void;
  /** Slows the body down to this many bytes per second; undefined sends as fast as the client takes it. */
  readonly bytesPerSecond?: number | undefined;
  /** Waits for so many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
  /** How the response ends: as it should, or (a test's wish) by breaking the connection. */
  readonly end: "whole" | "broken";
};

/**
 * Writes a body and ends the response. Resolves then, or when the client went away; what a client that left did not get
 * is not counted.
 */
export async function sendBody(res: Writable, body: Buffer, sending: Sending): Promise<void> {
  const { bytesPerSecond, wait, onWritten } = sending;
  // Ten chunks a second when paced, so that a slow body trickles instead of coming in lumps.
  const size =
    bytesPerSecond === undefined ? CHUNK_BYTES : Math.max(1, Math.min(CHUNK_BYTES, Math.floor(bytesPerSecond / 10)));
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size);
    if (!(await written(res, chunk))) return;
    onWritten(chunk.length);
    if (bytesPerSecond !== undefined) await wait((chunk.length / bytesPerSecond) * 1000);
  }
  if (sending.end === "broken") res.destroy();
  else if (!res.destroyed) res.end();
}

function written(res: Writable, chunk: Buffer): Promise<boolean> {
  if (res.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const left = (): void => resolve(false);
    // A client that leaves while the chunk waits in a full socket: the write's own callback may then never come.
    res.once("close", left);
    res.write(chunk, (error) => {
      res.off("close", left);
      resolve(!error);
    });
  });
}
