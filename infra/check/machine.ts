import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** What the tests need of the machine beyond Node: a program, where it is looked for, and Debian's package that brings it. */
const NEEDED = [
  { program: "chromium", at: ["/usr/bin/chromium", "/usr/bin/chromium-browser"], debian: "chromium" },
  { program: "redis-server", at: ["/usr/bin/redis-server", "/usr/local/bin/redis-server"], debian: "redis-server" },
  { program: "turnserver", at: ["/usr/bin/turnserver", "/usr/local/bin/turnserver"], debian: "coturn" },
] as const;

export type Machine = { readonly kind: "ready" } | { readonly kind: "lacking"; readonly message: string };

/** Installs what the machine lacks for the tests where that is allowed (root or passwordless sudo on Debian); else says what. */
export function prepareMachine(): Machine {
  const lacking = NEEDED.filter(({ at }) => !at.some((path) => existsSync(path)));
  if (lacking.length === 0) return { kind: "ready" };
  const packages = lacking.map(({ debian }) => debian);
  const how = `apt-get install ${packages.join(" ")}`;
  const prefix = installer();
  if (prefix === undefined) {
    return {
      kind: "lacking",
      message: `The tests need ${packages.join(", ")}. Install them first, on Debian with: ${how}`,
    };
  }
  console.log(`Installing for the tests: ${packages.join(", ")}`);
  const apt = (...args: string[]) => {
    const [command = "apt-get", ...rest] = [...prefix, "apt-get", ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    return spawnSync(command, rest, { stdio: "inherit", env }).status === 0;
  };
  const done = apt("update", "-qq") && apt("install", "-y", "-qq", "--no-install-recommends", ...packages);
  return done ? { kind: "ready" } : { kind: "lacking", message: `Could not install what the tests need. Try: ${how}` };
}

/** How to run apt-get as root, or undefined where that is not possible without asking. */
function installer(): readonly string[] | undefined {
  if (!existsSync("/usr/bin/apt-get")) return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : undefined;
}
