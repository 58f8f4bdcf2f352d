import { FrameError, type FrameFault } from "../../../../player/protocol/index.ts";

/** The fault that `run` throws, or `undefined` when it throws none. Any other error goes through. */
export function faultOf(run: () => unknown): FrameFault | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof FrameError) return error.fault;
    throw error;
  }
}
