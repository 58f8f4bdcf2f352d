import { fork } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { APART } from "./apart.ts";
import { fingerprint } from "./inputs.ts";
import { install } from "./install.ts";

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where built files lie. */
export const DIST = join(ROOT, "dist");

const STAMP = ".build-stamp";
/** Folders of builds under way. They lie in `dist`, because a rename works within one file system only. */
const WORK = ".build-work-";
/** No build takes so long, in milliseconds: a folder this old was left by one that was killed. */
const ABANDONED_MS = 10 * 60_000;
const FOLDERS = ["player", "pages"] as const;
/** One of each bundle: the stamp alone does not tell that somebody emptied a folder. */
const OUTPUTS = [
  "player/shoal.mjs",
  "player/player.js",
  ...APART.map(({ file }) => `player/${file}`),
  "pages/demo/index.html",
  "pages/reports/index.html",
];

export type BuildResult =
  | { readonly kind: "current" }
  /** `ms`: how long it took. */
  | { readonly kind: "built"; readonly ms: number };

/** Writes the bundles below a folder. */
export type Bundler = (out: string) => Promise<void>;

export type BuildOptions = {
  readonly log: Logger;
  /** Builds although nothing changed. */
  readonly force?: boolean;
  readonly root?: string;
  readonly dist?: string;
  /** Default: vite. */
  readonly bundle?: Bundler;
};

/** Builds the browser bundles unless what lies in `dist` was built from the same sources. Safe to run twice at one time. */
export async function ensureBuilt(options: BuildOptions): Promise<BuildResult> {
  const { log, force = false, root = ROOT, dist = DIST, bundle = (out) => bundleAll(root, out) } = options;
  const began = performance.now();
  const wanted = await fingerprint(root);
  if (!force && (await isCurrent(dist, wanted))) return { kind: "current" };

  await mkdir(dist, { recursive: true });
  await removeAbandoned(dist);
  const work = await mkdtemp(join(dist, WORK));
  try {
    await bundle(join(work, "out"));
    // Without a stamp a start that is cut short here builds again the next time.
    await rm(join(dist, STAMP), { force: true });
    await install(join(work, "out"), dist, FOLDERS);
    await writeFile(join(work, STAMP), wanted);
    await rename(join(work, STAMP), join(dist, STAMP));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const ms = performance.now() - began;
  log.info({ ms: Math.round(ms) }, "built the browser bundles");
  return { kind: "built", ms };
}

async function isCurrent(dist: string, wanted: string): Promise<boolean> {
  try {
    const [stamp] = await Promise.all([
      readFile(join(dist, STAMP), "utf8"),
      ...OUTPUTS.map((file) => access(join(dist, file))),
    ]);
    return stamp === wanted;
  } catch {
    // A missing or unreadable file means the same as an old one: build.
    return false;
  }
}

async function removeAbandoned(dist: string): Promise<void> {
  const names = (await readdir(dist)).filter((name) => name.startsWith(WORK));
  for (const name of names) {
    const path = join(dist, name);
    // Another build may have just removed its own.
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (Date.now() - changed > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

/** In a process of its own: vite takes a while to load, and 800 MB, which a server would keep for as long as it runs. */
async function bundleAll(root: string, out: string): Promise<void> {
  const child = fork(fileURLToPath(new URL("./bundle.ts", import.meta.url)), [root, out], {
    cwd: ROOT,
    execArgv: ["--import", "tsx"],
    // What vite says goes to standard error: the other is the program's that wants the bundles.
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`the browser bundles could not be built (${signal ?? `code ${code}`}); see above`);
}
