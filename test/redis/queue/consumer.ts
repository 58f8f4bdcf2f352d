/**
 * A worker as a process of its own, with short times, for tests that kill it: `consumer.ts URL PREFIX`. It says "ready", and then
 * how many batches it has folded, one number a line.
 */
import { BatchRefused } from "../../../worker/index.ts";
import { openReportWorker } from "../../support/report-worker.ts";
import { SHORT } from "./short.ts";

const [, , url = "", prefix = ""] = process.argv;
const { worker, queue } = openReportWorker({ url, prefix, limits: SHORT, level: "silent" });
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
