import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp, type ShellOptions } from "./app.ts";
import { listen } from "./listen.ts";
import { routeUpgrades } from "./upgrade.ts";

export { type AssetFolder, type Assets, loadAssets } from "./assets.ts";
export { ListenFailed } from "./listen.ts";
export { createMetrics } from "./metrics.ts";
export type { Readiness, Role } from "./role.ts";

export type ServerOptions = Omit<ShellOptions, "stopping"> & {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
};

/** A listening server with all its roles. */
export type RunningServer = {
  readonly address: AddressInfo;
  /**
   * Takes nothing new, lets every role drain, then close, and ends what is left of the connections. A role that fails does not
   * keep the others from closing; its error is logged. May be called once.
   */
  readonly close: () => Promise<void>;
};

/**
 * Listens and serves.
 * @throws {ListenFailed} when the port cannot be had.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { roles, log, host, port } = options;
  let stopping = false;
  const app = createApp({ ...options, stopping: () => stopping });
  const answer = app.callback();
  const server = createServer((req, res) => void answer(req, res));
  const hangUpUpgraded = routeUpgrades(server, roles);
  const address = await listen(server, host, port);

  const each = async (step: "drain" | "close"): Promise<void> => {
    for (const role of roles) {
      try {
        await role[step]?.();
      } catch (error) {
        log.error({ err: error, role: role.name }, `role failed to ${step}`);
      }
    }
  };
  return {
    address,
    close: async () => {
      stopping = true;
      const closed = stopAccepting(server);
      await each("drain");
      await each("close");
      server.closeAllConnections();
      hangUpUpgraded();
      await closed;
    },
  };
}

function stopAccepting(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
