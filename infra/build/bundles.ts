import { join } from "node:path";
import type { InlineConfig } from "vite";
import { APART, keepApart } from "./apart.ts";
import { type MinifyOptions, minifyAgain } from "./minify.ts";
import { slimSimplePeer } from "./slim-simple-peer.ts";

/** Browsers without this can do nothing with Shoal, but `player.js` must not keep the video from them by a syntax error. */
const TARGET = "es2020";
/** The module is for pages that are built themselves; and class fields, made plain, would cost it a second file. */
const MODULE_TARGET = "es2022";

/**
 * Has V8 compile the module's functions while it loads, off the page's thread, instead of one by one at the start of playback. Not
 * for `player.js`: most of hls.js is never called.
 */
const COMPILE_ALL = "//# allFunctionsCalledOnLoad";
/** Words that Shoal's rooms have among themselves. */
const OWN_WORDS = [
  "askGap",
  "awaitingDisk",
  "blocksInFlight",
  "blocksQueuedPerLink",
  "boughtInTurns",
  "boughtLate",
  "bufferedMs",
  "busySince",
  "cdnFailures",
  "cdnMs",
  "cdnTransfer",
  "countBought",
  "drained",
  "firstByteMs",
  "goalMs",
  "holdings",
  "inFlight",
  "isReused",
  "ledger",
  "leftInVain",
  "lineBefore",
  "lineBytes",
  "linkBytes",
  "makeMesh",
  "networkChanged",
  "offences",
  "onMessage",
  "onPeers",
  "onPolicy",
  "onSignal",
  "onSilence",
  "onState",
  "onUnmeasured",
  "onWritable",
  "segmentMs",
  "servedLast",
  "shortfall",
  "shunned",
  "stopExpecting",
  "transfers",
  "unpublished",
  "unvouched",
  "unwatch",
  "uploads",
  "whenNeeded",
  "willing",
];

/**
 * simple-peer's own properties (hls.js has such as well, so only where it is not bundled), the engine's times and rates, and these words: nothing
 * that goes to a page, to hls.js, to a file of its own or over the network is named like these.
 */
export const PRIVATES = new RegExp(`^_|[a-z](At|Until|PerMs)$|^(${OWN_WORDS.join("|")})$`);

/** A busy machine is no fault of a plugin. */
const CHECKS = { pluginTimings: false };

/** All browser bundles, each a vite configuration that writes below `out`. */
export function bundles(root: string, out: string): readonly InlineConfig[] {
  return [
    script(root, out, {
      entry: "player/embed/index.ts",
      file: "shoal.mjs",
      format: "es",
      preamble: COMPILE_ALL,
      privates: PRIVATES,
    }),
    script(root, out, { entry: "player/embed/script.ts", file: "player.js", format: "iife" }),
    ...APART.map(({ entry, file }) => script(root, out, { entry, file, format: "es" })),
    page(root, out, { folder: "infra/demo", name: "demo", base: "/", assets: "assets/demo-" }),
    page(root, out, { folder: "worker/dashboard", name: "reports", base: "/reports/", assets: "assets/reports-" }),
  ];
}

const common = (root: string): InlineConfig => ({
  root,
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  mode: "production",
  plugins: [slimSimplePeer()],
});

type Script = MinifyOptions & {
  readonly entry: string;
  readonly file: string;
};

/** What other people's pages load. The module brings no hls.js: the page has its own. */
function script(root: string, out: string, { entry, file, format, ...names }: Script): InlineConfig {
  return {
    ...common(root),
    plugins: [slimSimplePeer(), keepApart(), minifyAgain({ format, ...names })],
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      target: format === "es" ? MODULE_TARGET : TARGET,
      outDir: join(out, "player"),
      emptyOutDir: false,
      sourcemap: true,
      // Sizes are kept in check by the size budget.
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      lib: { entry: join(root, entry), name: "Shoal", formats: [format], fileName: () => file },
      rolldownOptions: {
        external: format === "es" ? ["hls.js"] : [],
        checks: CHECKS,
        output: {
          // A module loads what few viewers need (`shoal-….mjs`) when it is needed; a classic script cannot.
          codeSplitting: format === "es",
          chunkFileNames: "shoal-[name].mjs",
          // In library mode vite leaves the white space of ES modules alone, for bundlers that come after; none does here.
          minify: true,
          // Such bundlers would read these marks; here they are bytes.
          comments: { annotation: false },
        },
      },
    },
  };
}

type Page = { readonly folder: string; readonly name: string; readonly base: string; readonly assets: string };

/** A page with its assets, each of which carries a hash in its name. */
function page(root: string, out: string, { folder, name, base, assets }: Page): InlineConfig {
  return {
    ...common(join(root, folder)),
    base,
    build: {
      target: TARGET,
      outDir: join(out, "pages", name),
      emptyOutDir: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      // The pages' policy allows no inline data but images.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        checks: CHECKS,
        output: {
          entryFileNames: `${assets}[name]-[hash].js`,
          chunkFileNames: `${assets}[name]-[hash].js`,
          assetFileNames: `${assets}[name]-[hash][extname]`,
        },
      },
    },
  };
}
