import type { Plugin } from "vite";

/** What few viewers need: where it comes in, and the file that it becomes, beside `shoal.mjs` and `player.js`. */
export const APART = [
  { entry: "player/transport/webrtc-adapter.ts", file: "shoal-webrtc-adapter.mjs" },
  { entry: "player/storage/index.ts", file: "shoal-disk.mjs" },
  { entry: "player/integrity/sha256.ts", file: "shoal-sha256.mjs" },
  { entry: "player/overlay/index.ts", file: "shoal-overlay.mjs" },
] as const;

/**
 * Leaves these out of whatever imports them: files of their own, built once, which `shoal.mjs` imports and `player.js` asks for
 * by name. As chunks of the module they would share helpers with it, and every page would have to fetch those by themselves.
 */
export function keepApart(): Plugin {
  return {
    name: "keep-apart",
    enforce: "pre",
    resolveId(id, importer) {
      const name = id.replace(/^(\.\.?\/)+/, "/");
      const found = importer === undefined ? undefined : APART.find(({ entry }) => entry.endsWith(name));
      return found && { id: `./${found.file}`, external: true };
    },
  };
}
