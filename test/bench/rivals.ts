import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What the benches compare with; installed beside the project when one first runs. */
const RIVALS = {
  "p2p-media-loader-hlsjs": "2.3.1",
  "p2p-media-loader-core": "2.3.1",
  "bittorrent-tracker": "11.2.3",
  peer: "1.0.2",
};

const FOLDER = fileURLToPath(new URL("../../node_modules/.cache/shoal-bench", import.meta.url));

/** Installs the rivals where they are not yet, and says where. */
export function installRivals(): string {
  const modules = join(FOLDER, "node_modules");
  if (Object.keys(RIVALS).every((name) => existsSync(join(modules, name)))) return modules;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "package.json"), JSON.stringify({ private: true, dependencies: RIVALS }));
  // Their native WebRTC binding fetches a binary at install time and is of no use here.
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", args, { cwd: FOLDER, stdio: "inherit" });
  if (status !== 0) throw new Error("could not install what the bench compares with; is the npm registry reachable?");
  return modules;
}

type TrackerServer = {
  readonly on: (event: "error" | "warning", listener: (error: Error) => void) => void;
  readonly listen: (port: number, host: string, done: () => void) => void;
  readonly close: (done: () => void) => void;
};

/** A tracker of the kind that p2p-media-loader's users run, on loopback. */
export async function startBittorrentTracker(
  modules: string,
  port: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const { default: Server } = (await import(pathToFileURL(join(modules, "bittorrent-tracker/server.js")).href)) as {
    default: new (options: object) => TrackerServer;
  };
  const server = new Server({ udp: false, http: true, ws: true, stats: false });
  server.on("error", (error) => console.error(`bittorrent-tracker: ${error.message}`));
  server.on("warning", () => undefined);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `ws://127.0.0.1:${port}`, stop: () => new Promise((resolve) => server.close(resolve)) };
}

/** PeerJS's signalling server, on loopback. */
export async function startPeerServer(modules: string, port: number): Promise<void> {
  const { PeerServer } = (await import(pathToFileURL(join(modules, "peer/dist/module.mjs")).href)) as {
    PeerServer: (options: object, listening: () => void) => unknown;
  };
  await new Promise<void>((resolve) => {
    PeerServer({ port, host: "127.0.0.1", path: "/", concurrent_limit: 50_000, alive_timeout: 600_000 }, resolve);
  });
}
