/** Why a frame could not be read; stable codes. */
export const FRAME_FAULTS = [
  "empty",
  "too-large",
  "unknown-type",
  "truncated",
  "trailing-bytes",
  "out-of-range",
  "bad-text",
] as const;
export type FrameFault = (typeof FRAME_FAULTS)[number];

/** The only error that `decodeFrame` throws. */
export class FrameError extends Error {
  readonly fault: FrameFault;

  constructor(fault: FrameFault, message: string) {
    super(message);
    this.name = "FrameError";
    this.fault = fault;
  }
}
