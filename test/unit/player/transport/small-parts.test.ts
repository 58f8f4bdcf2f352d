import { describe, expect, test } from "vitest";
import { rtcConfiguration } from "../../../../player/transport/ice-servers.ts";
import { needsAdapter, prepareWebRtc, signalUrl, webRtcSupported } from "../../../../player/transport/index.ts";
import { pathOf } from "../../../../player/transport/path.ts";
import { newCallId, parseSignalPayload } from "../../../../player/transport/signals.ts";

describe("path", () => {
  const pair = { type: "candidate-pair", id: "P", localCandidateId: "L", remoteCandidateId: "R" };
  const other = { type: "candidate-pair", id: "Q", localCandidateId: "L", remoteCandidateId: "T" };
  const transport = { type: "transport", id: "X", selectedCandidatePairId: "P" };
  const candidates = (local: string, remote: string) => [
    { type: "local-candidate", id: "L", candidateType: local },
    { type: "remote-candidate", id: "R", candidateType: remote },
    { type: "remote-candidate", id: "T", candidateType: "relay" },
  ];

  test.each([
    ["host", "host", "direct"],
    ["srflx", "prflx", "direct"],
    ["relay", "host", "own-relay"],
    ["relay", "relay", "own-relay"],
    ["srflx", "relay", "their-relay"],
  ])("%s - %s is %s", (local, remote, expected) => {
    expect(pathOf([other, pair, transport, ...candidates(local, remote)])).toBe(expected);
  });

  test("is read from a selected pair where there is no transport, as in older Firefox", () => {
    const reports = [{ ...other, selected: false }, { ...pair, selected: true }, ...candidates("host", "host")];
    expect(pathOf(reports)).toBe("direct");
  });

  test("is read from a nominated pair as the last resort", () => {
    const reports = [other, { ...pair, nominated: true, state: "succeeded" }, ...candidates("relay", "host")];
    expect(pathOf(reports)).toBe("own-relay");
  });

  test.each([
    ["nothing", []],
    ["no selection", [pair, ...candidates("host", "host")]],
    ["a pair without candidates", [pair, transport]],
    ["rubbish", [null, 7, "x", { type: "transport", selectedCandidatePairId: "none" }]],
  ])("is unknown with %s", (_name, reports) => {
    expect(pathOf(reports)).toBeUndefined();
  });
});

describe("signalUrl", () => {
  test.each([
    ["https://a.example", "wss://a.example/v1/signal"],
    ["http://127.0.0.1:8080/", "ws://127.0.0.1:8080/v1/signal"],
    ["https://a.example/shoal//", "wss://a.example/shoal/v1/signal"],
    ["https://a.example/?x=1#y", "wss://a.example/v1/signal"],
    ["wss://a.example", "wss://a.example/v1/signal"],
  ])("%s", (base, expected) => {
    expect(signalUrl(base)).toBe(expected);
  });

  test("takes a relative base from the page", () => {
    expect(signalUrl("/p2p", "https://site.example/watch/1")).toBe("wss://site.example/p2p/v1/signal");
  });

  test.each(["", "tracker.example", "ftp://a.example", "javascript:alert(1)"])("refuses %j", (base) => {
    expect(() => signalUrl(base)).toThrow(TypeError);
  });
});

describe("ICE servers", () => {
  test("the page's come first, then those of the tracker that WebRTC would take", () => {
    const own: RTCConfiguration = { iceTransportPolicy: "relay", iceServers: [{ urls: "stun:own.example" }] };
    const config = rtcConfiguration(own, [
      { urls: ["stun:a.example", "http://a.example"] },
      { urls: ["turn:no-credentials.example"] },
      { urls: ["TURNS:b.example?transport=tcp", "stun:b.example"], username: "u", credential: "c" },
    ]);
    expect(config).toEqual({
      iceTransportPolicy: "relay",
      iceServers: [
        { urls: "stun:own.example" },
        { urls: ["stun:a.example"] },
        { urls: ["TURNS:b.example?transport=tcp", "stun:b.example"], username: "u", credential: "c" },
      ],
    });
  });

  test("are a list even when nobody named one", () => {
    expect(rtcConfiguration(undefined, [])).toEqual({ iceServers: [] });
  });
});

describe("webrtc-adapter", () => {
  const whole = {
    RTCPeerConnection: { prototype: { createDataChannel: 0, connectionState: 0 } },
    RTCSessionDescription: 0,
    RTCIceCandidate: 0,
  };
  const older = { ...whole, RTCPeerConnection: { prototype: { createDataChannel: 0 } } };
  const none = { ...whole, RTCPeerConnection: undefined };

  const unexpected = () => Promise.reject(new Error("loaded"));

  test("is not loaded by a current browser, nor where there is no WebRTC", () => {
    expect(prepareWebRtc(unexpected, console.error, whole)).toBeUndefined();
    expect(prepareWebRtc(unexpected, console.error, none)).toBeUndefined();
  });

  test("is loaded where connectionState is missing, and missed without harm", async () => {
    expect(needsAdapter(older)).toBe(true);
    const errors: unknown[] = [];
    const onFailed = (error: unknown): void => {
      errors.push(error);
    };
    await prepareWebRtc(() => Promise.resolve(), onFailed, older);
    expect(errors).toEqual([]);
    await prepareWebRtc(unexpected, onFailed, older);
    expect(errors).toEqual([new Error("loaded")]);
  });

  test("support needs every part", () => {
    expect(webRtcSupported(whole)).toBe(true);
    expect(webRtcSupported({ ...whole, RTCIceCandidate: undefined })).toBe(false);
    expect(webRtcSupported({ ...whole, RTCPeerConnection: { prototype: {} } })).toBe(false);
  });
});

test("call ids have the form that the schema asks for", () => {
  for (let i = 0; i < 100; i++) {
    expect(parseSignalPayload(JSON.stringify({ kind: "bye", call: newCallId() }))).toBeDefined();
  }
});
