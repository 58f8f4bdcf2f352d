import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export type Balancer = {
  readonly port: number;
  /** Connections that were taken so far. */
  readonly taken: () => number;
};

/** A port before several others, as a load balancer is: connections go to each in turn, past those that take none. */
export async function openBalancer(ports: readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let taken = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  };
  const pass = (near: Socket, first: number, tried: number): void => {
    const port = ports[(first + tried) % ports.length];
    if (port === undefined || tried === ports.length) {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    keep(far);
    const refused = (): void => pass(near, first, tried + 1);
    far.once("error", refused);
    far.once("connect", () => {
      far.off("error", refused);
      far.on("error", () => near.destroy());
      far.on("close", () => near.destroy());
      near.on("close", () => far.destroy());
      near.pipe(far);
      far.pipe(near);
    });
  };
  const server = createServer((near) => {
    keep(near);
    near.on("error", () => near.destroy());
    taken += 1;
    pass(near, taken, 0);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: address.port, taken: () => taken };
}
