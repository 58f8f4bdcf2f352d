import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Packages by name, with the version that figures were compared at. */
type Packages = Readonly<Record<string, string>>;

/** Also what a page of today has, which the tracker must serve. */
export const P2P_MEDIA_LOADER: Packages = { "p2p-media-loader-hlsjs": "2.3.1", "p2p-media-loader-core": "2.3.1" };

/** What the benches compare with. */
const RIVALS: Packages = { ...P2P_MEDIA_LOADER, "bittorrent-tracker": "11.2.3", peer: "1.0.2" };

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));

export const installRivals = (): string => install(RIVALS);

/**
 * Installs packages beside the project where they are not yet, and says where. They are no dependencies of the project: their native
 * WebRTC binding fetches a binary at install time, which not every machine can, and is of no use here.
 */
export function install(packages: Packages): string {
  const names = Object.keys(packages);
  const folder = join(CACHE, `shoal-${names.length}-rivals`);
  const modules = join(folder, "node_modules");
  if (names.every((name) => existsSync(join(modules, name)))) return modules;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  const args = ["install", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) throw new Error(`could not install ${names.join(", ")}; is the npm registry reachable?`);
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
