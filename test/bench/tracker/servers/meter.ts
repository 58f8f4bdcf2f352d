/** Loaded into a server before its own code: answers what it has used, when the bench asks over its channel. */
export type Usage = {
  /** CPU of the whole process, in microseconds since its start. */
  readonly cpu: number;
  /** Resident memory in bytes, after a garbage collection. */
  readonly rss: number;
  readonly heap: number;
};

process.on("message", (ask) => {
  // Twice: what the first collection frees may hold what the second can free.
  if (ask === "memory") for (let i = 0; i < 2; i++) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ cpu: user + system, rss, heap: heapUsed } satisfies Usage);
});
process.once("disconnect", () => process.exit());
