import Hls from "hls.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ShoalSession } from "../../../../player/embed/api.ts";
import { createAttach } from "../../../../player/embed/attach.ts";
import { createEmitter } from "../../../../player/embed/emitter.ts";
import { statsOf } from "../../../../player/embed/views.ts";
import { NOTHING } from "../../../../player/session/accounts.ts";
import { SOCKET_BYTES } from "../../../../player/transport/tracker-link.ts";
import { fakeHls } from "../hls/fake-hls.ts";
import { settled, WELCOME } from "../session/fakes.ts";

/** Just enough of a page: WebRTC that is never used, sockets that open when a test says so, and beacons that are kept. */
function fakePage(webRtc: boolean | "older") {
  const sockets: string[] = [];
  const opened: FakeSocket[] = [];
  const beacons: [string, string][] = [];
  vi.stubGlobal("location", { href: "https://page.example/watch", origin: "https://page.example", search: "" });
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  vi.stubGlobal("navigator", {
    sendBeacon: (url: string, body: Blob) => {
      void body.text().then((text) => beacons.push([url, text]));
      return true;
    },
  });
  class FakeConnection {
    createDataChannel(): undefined {
      return undefined;
    }
  }
  // Firefox before 113 has it not.
  if (webRtc !== "older") Object.assign(FakeConnection.prototype, { connectionState: "new" });
  class FakeSocket {
    bufferedAmount = 0;
    readonly sent: string[] = [];
    onopen: (() => void) | undefined;
    onmessage: ((event: { readonly data: string }) => void) | undefined;
    constructor(url: string) {
      sockets.push(url);
      opened.push(this);
    }
    readonly send = (text: string): void => void this.sent.push(text);
    readonly close = (): undefined => undefined;
  }
  vi.stubGlobal("WebSocket", FakeSocket);
  for (const name of ["RTCPeerConnection", "RTCSessionDescription", "RTCIceCandidate"]) {
    vi.stubGlobal(name, webRtc ? FakeConnection : undefined);
  }
  return { sockets, opened, beacons };
}

const unexpected = () => Promise.reject(new Error("nobody needs this"));
const attach = (hls: Hls, options = {}, adapter: () => Promise<unknown> = unexpected) =>
  createAttach("https://shoal.example/", { adapter, disk: unexpected, sha256: unexpected, overlay: unexpected })(
    hls,
    options,
  );
const load = (hls: ReturnType<typeof fakeHls>, url = "https://cdn.example/live.m3u8?token=1") => {
  Object.assign(hls, { url });
  hls.trigger(Hls.Events.MANIFEST_LOADING, { url });
};

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each<[string, boolean, object, object]>([
  ["without WebRTC", false, {}, {}],
  ["switched off", true, { upload: "off" }, {}],
  ["with a fragment loader of its own", true, {}, { fLoader: class {} }],
])("a page %s keeps hls.js as it is, and is told why", async (_, webRtc, options, config) => {
  const { sockets } = fakePage(webRtc);
  const hls = fakeHls();
  Object.assign(hls.config, config);
  const { fLoader } = hls.config;
  const session = attach(hls, options);
  const told: string[] = [];
  session.on("tracker", ({ state }) => told.push(state));
  load(hls);
  await settled();
  expect(hls.config.fLoader).toBe(fLoader);
  expect(sockets).toEqual([]);
  expect(session.stats()).toMatchObject({ tracker: "off", cdnBytes: 0, peers: 0, offload: null });
  expect(told).toEqual(["off"]);
  session.destroy();
});

test("a wrong option is thrown at attach, before hls.js is touched", () => {
  fakePage(true);
  const hls = fakeHls();
  expect(() => attach(hls, { upload: "maybe" })).toThrow('Option "upload"');
  expect(hls.config.fLoader).toBeUndefined();
});

test.each([undefined, null, {}, { config: {} }])("what is no hls.js instance is a TypeError: %j", (hls) => {
  fakePage(true);
  expect(() => attach(hls as unknown as Hls)).toThrow(TypeError);
  expect(() => attach(hls as unknown as Hls)).toThrow("hls.js instance");
});

test("attached too late, Shoal joins the stream that is loading already", async () => {
  const { sockets } = fakePage(true);
  const session = attach(fakeHls({ url: "https://cdn.example/live.m3u8" }));
  await settled();
  expect(sockets).toHaveLength(1);
  expect(session.stats().tracker).toBe("connecting");
  session.destroy();
});

test("the tracker is called when the manifest is, and all is put back at the end", async () => {
  const { sockets } = fakePage(true);
  const hls = fakeHls();
  const session = attach(hls);
  await settled();
  expect(sockets).toEqual([]);
  load(hls);
  await settled();
  expect(sockets).toEqual(["wss://shoal.example/v1/signal"]);
  expect(session.stats().tracker).toBe("connecting");
  expect(hls.config.fLoader).toBeDefined();
  session.destroy();
  session.destroy();
  expect(hls.config.fLoader).toBeUndefined();
  expect(session.stats().tracker).toBe("off");
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, (loaded: () => void, failed: (error: Error) => void) => void]>([
  ["has come", (loaded) => loaded()],
  ["could not be had", (_, failed) => failed(new Error("404"))],
])("an older browser plays at once, and meets nobody before webrtc-adapter %s", async (what, answer) => {
  const { sockets } = fakePage("older");
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  const hls = fakeHls();
  let end = (): void => undefined;
  const adapter = new Promise<void>((loaded, failed) => {
    end = () => answer(loaded, failed);
  });
  const session = attach(hls, {}, () => adapter);
  load(hls);
  await settled();
  expect(hls.config.fLoader).toBeDefined();
  expect(session.stats().tracker).toBe("connecting");
  expect(sockets).toEqual([]);
  end();
  await settled();
  expect(sockets).toEqual(["wss://shoal.example/v1/signal"]);
  expect(warn.mock.calls).toEqual(what === "has come" ? [] : [[new Error("404")]]);
  session.destroy();
  warn.mockRestore();
});

test("a session that ended while webrtc-adapter was loaded meets nobody", async () => {
  const { sockets } = fakePage("older");
  const hls = fakeHls();
  let loaded = (): void => undefined;
  const session = attach(hls, {}, () => new Promise<void>((resolve) => (loaded = resolve)));
  load(hls);
  session.destroy();
  loaded();
  await settled();
  expect(sockets).toEqual([]);
});

test("another source is another session, and the figures go on", async () => {
  const { sockets } = fakePage(true);
  const hls = fakeHls();
  attach(hls);
  load(hls);
  await settled();
  load(hls, "https://cdn.example/other.m3u8");
  await settled();
  expect(sockets).toHaveLength(2);
  hls.trigger(Hls.Events.DESTROYING, undefined);
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, (session: ShoalSession) => void]>([
  ["is left", () => window.dispatchEvent(new Event("pagehide"))],
  ["ends the session", (session) => session.destroy()],
])("a page that %s before the tracker answered leaves its last sample as a beacon", async (_, leave) => {
  const { beacons } = fakePage(true);
  const hls = fakeHls();
  const video = Object.assign(new EventTarget(), { paused: false, readyState: 4, currentTime: 1 });
  Object.assign(hls, { media: video });
  const session = attach(hls);
  load(hls);
  await settled();
  leave(session);
  await vi.waitFor(() => expect(beacons).toHaveLength(1));
  const [url, body] = beacons[0] ?? ["", "{}"];
  expect(url).toBe("https://shoal.example/v1/report");
  expect(JSON.parse(body)).toMatchObject({ stream: "https://cdn.example/live.m3u8", samples: [{ seq: 0 }] });
});

test("a last report without a socket shows what the tracker knows the viewer by", async () => {
  const { beacons, opened } = fakePage(true);
  const hls = fakeHls();
  Object.assign(hls, { media: Object.assign(new EventTarget(), { paused: false, readyState: 4, currentTime: 1 }) });
  attach(hls);
  load(hls);
  await settled();
  opened[0]?.onmessage?.({ data: JSON.stringify({ ...WELCOME, neighbours: [], resume: "as-before" }) });
  Object.assign(opened[0] ?? {}, { bufferedAmount: SOCKET_BYTES + 1 });
  window.dispatchEvent(new Event("pagehide"));
  await vi.waitFor(() => expect(beacons).toHaveLength(1));
  expect(JSON.parse(beacons[0]?.[1] ?? "{}")).toMatchObject({ resume: "as-before" });
});

test("the swarm is joined once the picture is there, and how long that took is reported as soon as the tracker has answered", async () => {
  const { opened } = fakePage(true);
  const hls = fakeHls();
  const media = { paused: false, seeking: false, ended: false, readyState: 4, currentTime: 1, playbackRate: 1 };
  const video = Object.assign(new EventTarget(), { ...media, buffered: { length: 0 } });
  Object.assign(hls, { media: video });
  attach(hls);
  load(hls);
  await settled();
  const [socket] = opened;
  socket?.onopen?.();
  expect(socket?.sent).toEqual([]);
  video.dispatchEvent(new Event("loadeddata"));
  expect(socket?.sent).toHaveLength(1);
  socket?.onmessage?.({ data: JSON.stringify({ ...WELCOME, neighbours: [] }) });
  const [join, report] = socket?.sent.map((text) => JSON.parse(text)) ?? [];
  expect(join).toMatchObject({ t: "join" });
  expect(report).toMatchObject({ t: "report", samples: [{ startupMs: expect.any(Number) }] });
});

test("a manifest that nobody else can see is played without peers", async () => {
  const { sockets } = fakePage(true);
  const hls = fakeHls();
  const session = attach(hls);
  load(hls, "blob:https://page.example/1");
  await settled();
  expect(sockets).toEqual([]);
  expect(session.stats().tracker).toBe("off");
});

test("offload is the share of what was played that cost nobody money", () => {
  const figures = {
    peers: 1,
    swarmSize: 2,
    stalls: 0,
    stallMs: 0.4,
    startupMs: 1.6,
    storedBytes: 0,
    caution: "none",
    tracker: "up",
  } as const;
  const stats = statsOf({ ...figures, totals: { ...NOTHING, cdn: 20, relay: 5, peer: 80, played: 100 } });
  expect(stats).toMatchObject({ offload: 0.75, cdnBytes: 20, relayBytes: 5, startupMs: 2, stallMs: 0 });
});

test("what a listener throws reaches the page's own error handlers, and nobody else", () => {
  const { emit, on } = createEmitter<{ hello: string }>();
  const heard: string[] = [];
  const later: (() => void)[] = [];
  vi.stubGlobal("queueMicrotask", (act: () => void) => later.push(act));
  on("hello", () => {
    throw new Error("page bug");
  });
  const off = on("hello", (text) => heard.push(text));
  emit("hello", "a");
  off();
  emit("hello", "b");
  expect(heard).toEqual(["a"]);
  expect(later).toHaveLength(2);
  expect(later[0]).toThrow("page bug");
});
