import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type Koa from "koa";
import { pino } from "pino";
import { DIST, ensureBuilt, ROOT } from "../../infra/build/index.ts";
import {
  createOrigin,
  type FaultScript,
  loadSample,
  type OriginCounts,
  type SampleMedia,
} from "../../infra/origin/index.ts";
import type { SampleRendition } from "../../infra/origin/media.ts";
import { livePlaylist } from "../../infra/origin/playlists.ts";
import { LIVE_EPOCH_MS, liveWindow } from "../../infra/origin/schedule.ts";
import { createMetrics, loadAssets, type Role, startServer } from "../../infra/server/index.ts";
import { readConfig } from "../../infra/start/config.ts";
import { trackerRole, workerRole } from "../../infra/start/roles.ts";
import type { ReceivedSample, SampleSink } from "../../worker/protocol/index.ts";
import { type LabChoice, playInLab } from "./lab-page.ts";

/** How wide the small picture is. */
const SMALL_WIDTH = 640;
/** The live stream of a lab is this old when the lab opens: its numbers have room to jump back. In milliseconds. */
const STREAM_AGE_MS = 3_600_000;

export type LabOptions = {
  readonly faults?: FaultScript;
  /** Upper bound for each of the origin's answers, in bytes per second. Default: none. */
  readonly bytesPerSecond?: number;
  /** `small` or `large`: the film has this picture only, so that hls.js never changes the level. Default: both. */
  readonly pictures?: "both" | "small" | "large";
  /** Segments of the film before it begins again. Default: all of it. */
  readonly loop?: number;
};

/** Tracker, worker, origin and a page that plays, in this process, with an origin that a test can make go wrong. */
export type Lab = {
  readonly url: string;
  /** The address of a page that plays as `choice` says. */
  readonly page: (choice: LabChoice) => string;
  readonly counts: () => OriginCounts;
  /** The live stream begins anew, `ms` milliseconds back: lower numbers, and from now on each name means other bytes. */
  readonly restartLive: (ms: number) => void;
  /** The live stream ends with what its playlist holds now. */
  readonly endLive: () => void;
  /** What viewers reported, in order of arrival. */
  readonly samples: readonly ReceivedSample[];
  /** SHA-256 (hexadecimal) of what a segment's path means now. */
  readonly sha256Of: (path: string) => string;
  readonly close: () => Promise<void>;
};

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const log = pino({ level: "silent" });
  await ensureBuilt({ log });
  const metrics = createMetrics();
  const read = readConfig({}, ["shell", "tracker", "worker"]);
  if (read.kind === "refused") throw new Error(read.lines.join("\n"));

  const film = await loadSample(join(ROOT, "infra/media/sample"));
  const { pictures = "both" } = options;
  const shown = ({ width }: SampleRendition) =>
    pictures === "both" || (pictures === "small") === (width === SMALL_WIDTH);
  const segmentCount = Math.min(film.segmentCount, options.loop ?? film.segmentCount);
  const only = (of: SampleMedia): SampleMedia => ({
    ...of,
    segmentCount,
    renditions: of.renditions.filter(shown).map((one) => ({ ...one, segments: one.segments.slice(0, segmentCount) })),
  });
  const openedAt = Date.now();
  let media = only(film);
  let other = only(swapped(film));
  let backMs = 0;
  let run = 1;
  let endedAt: number | undefined;
  const now = (): number => endedAt ?? LIVE_EPOCH_MS + STREAM_AGE_MS + Date.now() - openedAt - backMs;
  const originOf = (of: SampleMedia) => createOrigin({ ...options, media: of, now });
  let origin = originOf(media);

  const lab: Role = {
    name: "lab",
    middleware: [await pages(), (ctx, next) => live(ctx, next), (ctx, next) => origin.middleware(ctx, next)],
  };
  const live: Koa.Middleware = (ctx, next) => {
    const name = /^\/demo\/live\/(\w+)\.m3u8$/.exec(ctx.path)?.[1];
    const rendition = media.renditions.find((one) => one.name === name);
    if (rendition === undefined) return next();
    ctx.type = "application/vnd.apple.mpegurl";
    ctx.set("Cache-Control", "no-store");
    // Each run has its own URLs, so that no cache stands between this origin and the player.
    const playlist = livePlaylist(rendition, liveWindow(media, now())).replaceAll(".ts", `.ts?run=${run}`);
    ctx.body = endedAt === undefined ? playlist : `${playlist}#EXT-X-ENDLIST\n`;
    return undefined;
  };

  const worker = workerRole(read.config, { log, metrics });
  const samples: ReceivedSample[] = [];
  const sink: SampleSink = {
    accept: (batch) => {
      samples.push(...batch.samples);
      return worker.sink.accept(batch);
    },
  };
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    roles: [lab, await trackerRole({ ...read.config, redis: { kind: "none" } }, sink, { log, metrics }), worker.role],
    assets: await loadAssets(DIST, ["player"]),
    log,
    metrics,
  });
  const url = `http://127.0.0.1:${server.address.port}`;
  return {
    url,
    page: (choice) => `${url}/lab?${encodeURIComponent(JSON.stringify(choice))}`,
    counts: () => origin.counts(),
    samples,
    restartLive: (ms) => {
      [media, other] = [other, media];
      backMs += ms;
      run++;
      origin = originOf(media);
    },
    endLive: () => {
      endedAt = now();
    },
    sha256Of: (path) => {
      const [, name, msn] = /^\/demo\/\w+\/(\w+)\/(\d+)\.ts$/.exec(path) ?? [];
      const rendition = media.renditions.find((one) => one.name === name);
      const body = rendition?.segments[Number(msn) % media.segmentCount]?.body;
      return body === undefined ? "no segment" : createHash("sha256").update(body).digest("hex");
    },
    close: server.close,
  };
}

/** The same film, in which each rendition has the other's picture: every name means other bytes, and all still plays. */
function swapped(media: SampleMedia): SampleMedia {
  const others = [...media.renditions].reverse();
  return {
    ...media,
    renditions: media.renditions.map((one, i) => ({ ...one, segments: others[i]?.segments ?? one.segments })),
  };
}

async function pages(): Promise<Koa.Middleware> {
  const hls = await readFile(join(ROOT, "node_modules/hls.js/dist/hls.min.js"));
  const script = `import { attachShoal } from "/shoal.mjs";\n(${playInLab})(attachShoal);\n`;
  const html = `<!doctype html><title>Lab</title><link rel="icon" href="data:,"><video muted></video>
<script src="/lab/hls.js"></script><script type="module" src="/lab/page.js"></script>`;
  const files: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
    "/lab": ["html", html],
    "/lab/page.js": ["js", script],
    "/lab/hls.js": ["js", hls],
  };
  return (ctx, next) => {
    const file = files[ctx.path];
    if (file === undefined) return next();
    // A page that may not be stored is not kept for who comes back to it, either.
    ctx.set("Cache-Control", "no-cache");
    [ctx.type, ctx.body] = file;
    return undefined;
  };
}
