import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { freePort, until } from "./process.ts";

/** A real coturn of the test's own, started with the configuration that operators are given. */
export type Coturn = {
  readonly url: string;
  readonly secret: string;
  /** Everything it wrote so far. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
};

const SECRET = "a secret of the tests";
const CONFIG = new URL("../../infra/turn/turnserver.conf", import.meta.url).pathname;

/** See `startRedis`: however the tests end, their coturn ends with them. */
const WHILE_WATCHED = '"$@" & program=$!; cat > /dev/null; kill -9 $program; wait $program';

/** WebRTC makes no use of the loopback interface, so this machine's own address takes its place. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

/** Starts coturn on this machine's own address; no other machine is asked or answered. */
export async function startCoturn(): Promise<Coturn> {
  const address = ownAddress();
  const port = await freePort();
  const own = [
    ...["--listening-ip", address, "--relay-ip", address, "--listening-port", String(port)],
    ...["--static-auth-secret", SECRET, "--realm", "test", "--allowed-peer-ip", address],
    ...["--log-file", "stdout", "--pidfile", "", "--userdb", ":memory:"],
  ];
  const child = spawn("sh", ["-c", WHILE_WATCHED, "sh", "turnserver", "-c", CONFIG, ...own], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, address);
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  await until("coturn to listen", 20_000, answers, () => output);
  return {
    url: `turn:${address}:${port}`,
    secret: SECRET,
    output: () => output,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}
