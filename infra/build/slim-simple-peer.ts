import { createRequire } from "node:module";
import type { Plugin } from "vite";

/**
 * simple-peer comes as a Node stream: its ready-made browser file carries `readable-stream`, `buffer` and `debug`, two thirds of
 * its 28 KB gzip. Shoal sends straight to the data channel and only listens, so of a stream it needs events (with one argument
 * each), `push` and `end`. In the browser bundles what it requires is replaced by the few lines below, which
 * also makes it a module; the rest of simple-peer is its own source, untouched. (Also, `randombytes` expects a `global` that browsers
 * lack, and the rest of its small helpers care for browsers that are older than what is built here.)
 */
const STAND_INS = `
// For names that are to differ, whatever they are written in.
const randombytes = (length) => crypto.getRandomValues(new Uint8Array(length));
const getBrowserRTC = () => {
  const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = globalThis;
  return RTCPeerConnection ? { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } : null;
};
const Buffer = { from: (bytes) => new Uint8Array(bytes) };
const stream = {
  Duplex: class {
    readable = true;
    writable = true;
    destroyed = false;
    _readableState = { ended: false };
    _writableState = { finished: false };
    listeners = {};
    on(name, listener) {
      (this.listeners[name] ??= []).push(listener);
    }
    once(name, listener) {
      let heard = false;
      this.on(name, (detail) => {
        if (heard) return;
        heard = true;
        listener(detail);
      });
    }
    // Only a destroyed peer asks for it, of a listener that does nothing for one.
    removeListener() {}
    emit(name, detail) {
      for (const listener of this.listeners[name] ?? []) listener(detail);
    }
    push(chunk) {
      if (chunk === null) this._readableState.ended = true;
      else this.emit("data", chunk);
    }
    end() {
      this._writableState.finished = true;
      this.emit("finish");
    }
  },
};
`;

/** The lines by which simple-peer asks for these, and that by which it gives itself away. */
const REQUIRE = /^const .* = require\(.*$/gm;
const EXPORT = "module.exports = Peer";

/** What simple-peer says to `debug`, whose arguments hold no more than one pair of brackets; and its wish for media lines. */
const IDLE_CALL = /this\.(?:_debug|_requestMissingTransceivers)\((?:[^()]|\([^()]*\))*\)/g;

/**
 * Methods that nothing of Shoal calls: those for a page's own cameras and microphones, the writing side of the stream (blocks
 * go straight to the channel), and those for signalling without trickle. Where they are called for other things than media, of which
 * Shoal gives it none, the call is left out below.
 */
const UNUSED_METHOD =
  /^ {2}(?:addStream|addTrack|replaceTrack|removeTrack|removeStream|address|_write|_debug|_onInterval|_onTrack|addTransceiver|_requestMissingTransceivers|_startIceCompleteTimeout|_onChannelBufferedAmountLow) \([\s\S]*?^ {2}\}\n/gm;

/** Sets up what those methods would use; without it, media that a neighbour offers go nowhere. */
const MEDIA_SETUP =
  /^ {4}if \((?:this\.streams\) \{[\s\S]*?this\._pc\.ontrack = |data\.transceiverRequest)[\s\S]*?^ {4}\}\n/gm;

/** What the writing side has left where a connection is ready, and a timer for browsers without its events. */
const WRITING_SIDE = /^ {8}if \((?:this\._chunk|typeof this\._channel\.bufferedAmountLowThreshold)[\s\S]*?^ {8}\}\n/gm;

/** Calls of those methods, and what is done to an offer or answer that goes out without trickle. */
const UNUSED_CALL =
  /^ {4}(?:this\._channel\.onbufferedamountlow = .*\n.*\n {4}\}|.*\n {4}if \(event\.candidate\) \{\n.*\n {4}\})\n|^ +if \(!this\.trickle .*\n/gm;

/** A connection's statistics are had by a promise, as all browsers that run this have it: neither by a callback nor not at all. */
const OLD_STATS =
  /^ {4}if (?=\(this\._pc\.getStats\.length === 0).*(\{[\s\S]*?)^ {4}\/\/ Single-parameter[\s\S]*?cb\(null, \[\]\)\n/m;

/** Nobody waits for all candidates before an offer goes out. */
const WAITING = /if \(this\.trickle \|\| this\._iceComplete\) (send\w+\(\))\n.*\n/g;

/** Of media again, in Firefox; and a signal as a text, which Shoal reads by itself. */
const UNUSED_STEP =
  /^ {6}this\._sendersAwaitingStable\.forEach[\s\S]*?^ {6}\}\)\n|^ {4}if \(typeof data === 'string'\) \{[\s\S]*?^ {4}\}\n|^ +clearInterval\(this\._interval\)\n/gm;

/** Fields of what is left out. */
const UNUSED_FIELD =
  /^ +this\.(?:(?:remote|local)(?:Address|Family|Port)|_remoteTracks|_remoteStreams|_senderMap|_sendersAwaitingStable|_chunk|_cb|_interval|_id|streams|allowHalfTrickle|_isReactNativeWebrtc|_?iceComplete(?:Timeout|Timer)) = .*\n/gm;

/** Statistics in the words of browsers before 2019, and of the other side's candidates, whose addresses nobody asks for. */
const OLD_WORDS =
  /item\.type === '(?:(?:remote|local)candidate|candidatepair)' \|\| |\(item\.type === 'googCandidatePair'.*\|\|\n|^ {4}const flattenValues = [\s\S]*?^ {4}\}\n|^ +const remoteCandidates = .*\n|^ +if \([^\n]*'remote-candidate'\) \{\n.*\n +\}\n/gm;

/** Of the pair of candidates that was chosen the addresses are noted, in four browsers' words; Shoal never asks for them. */
const ADDRESSES = /^( {8}const setSelectedCandidatePair = .*\n.*\n)[\s\S]*?^( {8}\}\n)/m;

/** Codes of errors, which all mean the same to Shoal: the link is lost. */
const ERROR_CODE = /errCode\((err|new Error\('[^']*'\)), '[A-Z_]+'\)/g;

/** STUN servers of others, for whoever names none: Shoal always hands out its operator's, or none at all. */
const OTHERS_SERVERS = /iceServers: \[[\s\S]*?\n {2}\]/;

const ENTRY = "simple-peer/simplepeer.min.js";

/** Bundles simple-peer from its source, without the parts of Node that Shoal does not use. */
export function slimSimplePeer(): Plugin {
  const source = createRequire(import.meta.url).resolve("simple-peer");
  const slim = (code: string): string =>
    STAND_INS +
    code
      .replaceAll(REQUIRE, "")
      .replaceAll(IDLE_CALL, "void 0")
      .replaceAll(UNUSED_METHOD, "")
      .replaceAll(MEDIA_SETUP, "")
      .replaceAll(WRITING_SIDE, "")
      .replaceAll(UNUSED_CALL, "")
      .replaceAll(UNUSED_STEP, "")
      .replaceAll(UNUSED_FIELD, "")
      .replaceAll(OLD_WORDS, "")
      .replaceAll(ERROR_CODE, "$1")
      .replaceAll("flattenValues(report)", "report")
      .replaceAll(WAITING, "$1\n")
      .replace(OLD_STATS, "$1")
      .replace(ADDRESSES, "$1$2")
      .replace(OTHERS_SERVERS, "iceServers: []")
      .replace(EXPORT, "export default Peer");
  return {
    name: "slim-simple-peer",
    enforce: "pre",
    resolveId: (id) => (id === ENTRY ? source : undefined),
    transform: (code, id) => (id === source ? { code: slim(code), map: null } : undefined),
  };
}
