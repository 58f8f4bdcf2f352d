import { type Logger, pino } from "pino";
import { DIST, ensureBuilt } from "../build/index.ts";
import {
  type AssetFolder,
  createMetrics,
  ListenFailed,
  loadAssets,
  type Role,
  type RunningServer,
  startServer,
} from "../server/index.ts";
import { browsableUrl } from "./address.ts";
import { type Config, type Part, readConfig } from "./config.ts";
import { help } from "./help.ts";
import type { Deps } from "./roles.ts";
import { reloadOnHangup, stopOnSignals } from "./signals.ts";
import type { Role as RoleName } from "./variables.ts";

/** How one kind of process is put together. */
export type Program<Parts extends Part> = {
  readonly role: RoleName;
  readonly parts: readonly (Parts | "shell")[];
  readonly assets: readonly AssetFolder[];
  readonly roles: (config: Config<Parts | "shell">, deps: Deps) => Promise<readonly Role[]>;
  /** The one line that a person reads; `url` ends in a slash. */
  readonly greeting: (url: string, config: Config<Parts | "shell">) => string;
};

/** Runs a program of this process's environment and arguments: all that goes wrong at the start is told in plain lines. */
export async function run<Parts extends Part>(program: Program<Parts>): Promise<void> {
  if (process.argv.includes("--help")) {
    console.log(help(program.role));
    return;
  }
  const read = readConfig(process.env, program.parts);
  if (read.kind === "refused") {
    fail(["Shoal cannot start with these settings (--help lists them all):", ...read.lines.map((line) => `  ${line}`)]);
    return;
  }
  const log = pino({ level: read.config.shell.logLevel });
  try {
    const { server, builtMs } = await start(program, read.config, log);
    stopOnSignals(server, (line) => console.log(line));
    const built = builtMs === undefined ? "" : `  (built in ${(builtMs / 1000).toFixed(1)} s)`;
    console.log(program.greeting(browsableUrl(read.config.shell.host, server.address.port), read.config) + built);
  } catch (error) {
    if (error instanceof ListenFailed) fail([error.message]);
    else {
      log.debug({ err: error }, "start failed");
      fail([`Shoal cannot start: ${error instanceof Error ? error.message : String(error)}`]);
    }
  }
}

type Started = { readonly server: RunningServer; readonly builtMs: number | undefined };

async function start<Parts extends Part>(
  program: Program<Parts>,
  config: Config<Parts | "shell">,
  log: Logger,
): Promise<Started> {
  const build = await ensureBuilt({ log });
  const metrics = createMetrics();
  const [assets, roles] = await Promise.all([
    loadAssets(DIST, program.assets),
    program.roles(config, { log, metrics }),
  ]);
  const { host, port } = config.shell;
  reloadOnHangup(roles);
  const server = await startServer({ host, port, roles, assets, log, metrics });
  return { server, builtMs: build.kind === "built" ? build.ms : undefined };
}

function fail(lines: readonly string[]): void {
  console.error(lines.join("\n"));
  // Roles that were made before the failure may hold timers, so the process would not end by itself.
  process.exit(1);
}
