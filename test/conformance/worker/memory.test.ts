import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { onTestFinished } from "vitest";
import { openFolderStore } from "../../../worker/store/folder/index.ts";
import { createMemoryStore } from "../../../worker/store/memory.ts";
import { describeReportStore } from "./store.ts";

describeReportStore("reports in memory", async ({ maxStreams }) => {
  const store = createMemoryStore({ clock: Date.now, maxStreams, viewerKey: new Uint8Array(32) });
  return { store, other: store, settle: () => Promise.resolve() };
});

describeReportStore("reports in a data folder", async ({ maxStreams }) => {
  const folder = await mkdtemp(join(tmpdir(), "shoal-data-"));
  const open = () => openFolderStore({ folder, clock: Date.now, maxStreams, log: pino({ level: "silent" }) });
  let current = await open();
  onTestFinished(async () => {
    await current.close();
    await rm(folder, { recursive: true, force: true });
  });
  const store: typeof current = {
    ...current,
    fold: (samples) => current.fold(samples),
    read: (...args) => current.read(...args),
    viewers: (...args) => current.viewers(...args),
    sites: () => current.sites(),
  };
  // What it says after a start it must have said before.
  const settle = async () => {
    await current.close();
    current = await open();
  };
  return { store, other: store, settle };
});
