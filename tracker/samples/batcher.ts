import { BATCH_SAMPLES, type ReceivedSample, type SampleSink } from "../../worker/protocol/index.ts";

/** A batch waits this long for company, in milliseconds. */
export const BATCH_MS = 500;
/** Batches that may wait for the sink; further samples are turned away until it answers. */
export const BATCHES_IN_FLIGHT = 64;

/** `failed`: the sink rejected. `busy`: nothing was handed over. In both cases the viewer keeps its samples. */
export type Handover = "accepted" | "failed" | "busy";

export type Batcher = {
  /** Adds samples (at most `BATCH_SAMPLES`) to one batch; settles when the sink has answered for it. Never rejects. */
  readonly add: (samples: readonly ReceivedSample[]) => Promise<Handover>;
  /** Hands over what waits, and settles when the sink has answered for every batch. */
  readonly flush: () => Promise<void>;
};

export function createBatcher(
  sink: SampleSink,
  options: { readonly onFailure: (error: unknown, samples: number) => void; readonly batchMs?: number },
): Batcher {
  type Open = { readonly samples: ReceivedSample[]; readonly result: Promise<Handover>; readonly cut: () => void };
  const inFlight = new Set<Promise<Handover>>();
  let open: Open | undefined;

  const handOver = async (samples: ReceivedSample[]): Promise<Handover> => {
    try {
      await sink.accept({ samples });
      return "accepted";
    } catch (error) {
      options.onFailure(error, samples.length);
      return "failed";
    }
  };
  const start = (): Open => {
    const samples: ReceivedSample[] = [];
    let cut = (): void => undefined;
    const result = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, options.batchMs ?? BATCH_MS);
      cut = () => {
        clearTimeout(timer);
        resolve();
      };
    }).then(() => {
      if (open?.samples === samples) open = undefined;
      return handOver(samples);
    });
    inFlight.add(result);
    void result.then(() => inFlight.delete(result));
    return { samples, result, cut };
  };
  const cutOpen = (): void => {
    open?.cut();
    open = undefined;
  };

  return {
    add(samples) {
      if (open && open.samples.length + samples.length > BATCH_SAMPLES) cutOpen();
      if (!open) {
        if (inFlight.size >= BATCHES_IN_FLIGHT) return Promise.resolve("busy");
        open = start();
      }
      const { result } = open;
      open.samples.push(...samples);
      if (open.samples.length === BATCH_SAMPLES) cutOpen();
      return result;
    },
    async flush() {
      cutOpen();
      await Promise.all(inFlight);
    },
  };
}
