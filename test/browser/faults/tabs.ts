import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";
import { CHROMIUM_ARGS, chromiumPath } from "../../support/chromium.ts";

/** Chromium as a viewer runs it: tabs that lie behind others are hidden and throttled. */
export type Chromium = {
  /** Opens a tab in front of the others. */
  readonly open: (url: string) => Promise<Tab>;
  readonly close: () => Promise<void>;
};

export type Tab = {
  /** The value of a JavaScript expression in the tab, or what its promise is fulfilled with; it must fit into JSON. */
  readonly read: <T>(expression: string) => Promise<T>;
  /** Brings it in front of the others. */
  readonly show: () => Promise<void>;
  /** Page Lifecycle: a frozen tab runs no task at all, as on a machine that sleeps. */
  readonly setLife: (state: "frozen" | "active") => Promise<void>;
};

/** Flags that keep hidden tabs awake; here they are not to be. */
const KEEPS_AWAKE = /throttling|backgrounding/;

type Answer = { readonly id?: number; readonly result?: unknown; readonly error?: { readonly message: string } };

/**
 * Starts a Chromium of its own. Not through Playwright, which tells every tab that it has the focus: such a tab is never hidden.
 */
export async function startChromium(): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), "shoal-tabs-"));
  const flags = CHROMIUM_ARGS.filter((flag) => !KEEPS_AWAKE.test(flag));
  const own = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--no-first-run"];
  const child = spawn(chromiumPath(), [...flags, ...own, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const socket = new WebSocket(await debuggerUrl(child.stderr));
  await once(socket, "open");

  const waiting = new Map<number, (answer: Answer) => void>();
  socket.on("message", (text) => {
    const answer = JSON.parse(String(text)) as Answer;
    waiting.get(answer.id ?? 0)?.(answer);
  });
  let calls = 0;
  const call = async <T>(method: string, params: object = {}, sessionId?: string): Promise<T> => {
    const id = ++calls;
    const { result, error } = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };

  return {
    open: async (url) => {
      const { targetId } = await call<{ targetId: string }>("Target.createTarget", { url });
      const target = { targetId, flatten: true };
      const { sessionId } = await call<{ sessionId: string }>("Target.attachToTarget", target);
      return {
        read: async <T>(expression: string) => {
          const asked = { expression: `Promise.resolve(${expression}).then(JSON.stringify)`, awaitPromise: true };
          const { result } = await call<{ result: { value?: string } }>("Runtime.evaluate", asked, sessionId);
          return (result.value === undefined ? undefined : JSON.parse(result.value)) as T;
        },
        show: () => call("Target.activateTarget", { targetId }),
        setLife: (state) => call("Page.setWebLifecycleState", { state }, sessionId),
      };
    },
    close: async () => {
      const exited = once(child, "exit");
      await call("Browser.close");
      await exited;
      socket.terminate();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function debuggerUrl(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const [, url] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("Chromium ended before it could be spoken to");
}
