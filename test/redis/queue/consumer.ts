/**
 * A worker as a process of its own, with short times, for tests that kill it: `consumer.ts URL PREFIX`. It says "ready", and then
 * how many batches it has folded, one number a line.
 */
import pino from "pino";
import { Registry } from "prom-client";
import { BatchRefused, createWorker } from "../../../worker/index.ts";
import { openSampleQueue } from "../../../worker/queue/index.ts";
import { createRedisReportStore } from "../../../worker/store/redis/index.ts";
import { SHORT } from "./short.ts";

const [, , url = "", prefix = ""] = process.argv;
const log = pino({ level: "silent" });
const place = { url };
const store = createRedisReportStore({ place, prefix, log, clock: Date.now, maxStreams: 1000 });
const worker = createWorker({
  config: { maxStreams: 1000, reportTokens: [], prices: null },
  access: { kind: "open" },
  store,
  log,
  metrics: new Registry(),
});
const queue = openSampleQueue({ place, prefix, log, limits: SHORT });
let folded = 0;
queue.consume(
  async (batch) => {
    await worker.fold(batch);
    folded += 1;
    process.stdout.write(`${folded}\n`);
  },
  (error) => error instanceof BatchRefused,
  { stalled: () => undefined, failed: () => undefined },
);
process.stdout.write("ready\n");
// Whoever started it is gone.
process.stdin.on("end", () => process.exit(0)).resume();
