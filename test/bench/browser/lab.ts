import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { freePort, start } from "../../support/process.ts";
import { installRivals, startBittorrentTracker } from "../rivals.ts";
import type { Lab } from "./run.ts";

const PAGES = fileURLToPath(new URL(".", import.meta.url));
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** Origin, both trackers and the page server; everything on loopback. */
export async function openLab(): Promise<Lab & { readonly close: () => Promise<void> }> {
  const modules = installRivals();
  const folder = mkdtempSync(join(tmpdir(), "shoal-bench-"));
  await build({
    root: PAGES,
    configFile: false,
    logLevel: "error",
    // Its ready-made files, which bring the parts of Node that it uses.
    resolve: {
      alias: {
        "p2p-media-loader-hlsjs": join(modules, "p2p-media-loader-hlsjs/dist/p2p-media-loader-hlsjs.es.js"),
        "p2p-media-loader-core": join(modules, "p2p-media-loader-core/dist/p2p-media-loader-core.es.js"),
      },
    },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2022",
      rollupOptions: { input: join(PAGES, "viewer.html") },
    },
  });
  const pages = await servePages(folder);
  const rival = await startBittorrentTracker(modules, await freePort());
  const origin = await start("main");
  return {
    origin,
    pages: pages.url,
    trackers: { plain: "", p2pml: rival.url, shoal: origin.url },
    close: async () => {
      await origin.stop();
      await rival.stop();
      pages.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function servePages(folder: string): Promise<{ url: string; stop: () => void }> {
  const port = await freePort();
  const server = createServer((request, response) => {
    const path = join(folder, new URL(request.url ?? "/", "http://x").pathname);
    readFile(path).then(
      (body) => response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
