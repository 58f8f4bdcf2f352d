import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Middleware } from "koa";

/** A built file, held in memory: all of them together are a few megabytes. */
export type Asset = {
  readonly body: Buffer;
  /** Its file name's ending, with the dot; decides the content type. */
  readonly extension: string;
  /** Weak (RFC 9110 section 8.8.1), since the same file also goes out compressed. */
  readonly etag: string;
  readonly cacheControl: string;
  /** May pages of any origin load it? */
  readonly shared: boolean;
};

/** By request path. */
export type Assets = ReadonlyMap<string, Asset>;

/** A new build shows within five minutes; until then a site's visitors load the player from their caches. */
const SCRIPT_CACHE = "public, max-age=300, stale-while-revalidate=86400";
/** Names of page assets carry a hash of their content. */
const HASHED_CACHE = "public, max-age=31536000, immutable";
const PAGE_CACHE = "no-cache";

/** What a process serves of the built files: the scripts for other people's pages, Shoal's own pages. */
export type AssetFolder = "player" | "pages/demo" | "pages/reports";

const FOLDERS = {
  player: { base: "/", policy: () => ({ cacheControl: SCRIPT_CACHE, shared: true }) },
  "pages/demo": { base: "/", policy: pagePolicy },
  "pages/reports": { base: "/reports/", policy: pagePolicy },
} as const satisfies Record<AssetFolder, { base: string; policy: (file: string) => Policy }>;

/** What is in these folders of `dist`, by the path under which it is served. */
export async function loadAssets(dist: string, folders: readonly AssetFolder[]): Promise<Assets> {
  const loaded = await Promise.all(
    folders.map((folder) => loadFolder(join(dist, folder), FOLDERS[folder].base, FOLDERS[folder].policy)),
  );
  return new Map(loaded.flat().flatMap(([path, asset]) => pathsOf(path).map((at) => [at, asset])));
}

/** GET and HEAD of built files. */
export function serveAssets(assets: Assets): Middleware {
  return async (ctx, next) => {
    const asset = ctx.method === "GET" || ctx.method === "HEAD" ? assets.get(ctx.path) : undefined;
    if (!asset) return next();
    ctx.status = 200;
    ctx.type = asset.extension;
    ctx.set({ ETag: asset.etag, "Cache-Control": asset.cacheControl });
    if (asset.shared) {
      ctx.set({ "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" });
    }
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = asset.body;
  };
}

type Policy = Pick<Asset, "cacheControl" | "shared">;

function pagePolicy(file: string): Policy {
  return { cacheControl: file.startsWith("assets/") ? HASHED_CACHE : PAGE_CACHE, shared: false };
}

/** `…/index.html` is served as its folder, with and without the slash. */
function pathsOf(path: string): readonly string[] {
  if (!path.endsWith("/index.html")) return [path];
  const folder = path.slice(0, -"index.html".length);
  return folder === "/" ? ["/"] : [folder, folder.slice(0, -1)];
}

async function loadFolder(folder: string, base: string, policy: (file: string) => Policy): Promise<[string, Asset][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (path): Promise<[string, Asset]> => {
      const body = await readFile(path);
      const file = relative(folder, path).split(sep).join("/");
      const etag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
      return [`${base}${file}`, { body, extension: /\.[^.]*$/.exec(file)?.[0] ?? "", etag, ...policy(file) }];
    }),
  );
}
