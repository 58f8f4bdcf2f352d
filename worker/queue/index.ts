export { type Chore, type Chores, startChores } from "./chores.ts";
export { createQueueMetrics, type QueueMetrics } from "./metrics.ts";
export {
  QUEUE_LIMITS,
  type QueueLimits,
  type QueueOptions,
  QueueRefused,
  type QueueTrouble,
  type RedisPlace,
} from "./options.ts";
export { openSampleQueue, type SampleQueue } from "./samples.ts";
