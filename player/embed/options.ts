import { LIMITS } from "../../tracker/protocol/index.ts";
import { signalUrl } from "../transport/signal-url.ts";
import type { ShoalOptions } from "./api.ts";

/** Options after checking, with what follows from them. */
export type Settings = {
  /** WebSocket URL of the tracker. */
  readonly signalUrl: string;
  /** Where beacons go. */
  readonly reportUrl: string;
  readonly stream: string | undefined;
  readonly token: string | undefined;
  readonly upload: NonNullable<ShoalOptions["upload"]>;
  readonly rtcConfig: RTCConfiguration | undefined;
  readonly limits: NonNullable<ShoalOptions["limits"]>;
};

const NAMES = ["tracker", "stream", "token", "upload", "rtcConfig", "limits"];
const LIMIT_NAMES = ["storeBytes", "diskBytes", "uploadBitsPerSecond", "uploadRatio", "neighbours"];
const UPLOADS = ["share", "receive", "off"];

/** Least memory that is of use: one segment of a few megabytes. */
const LEAST_STORE_BYTES = 1024 * 1024;
const MOST_NEIGHBOURS = 32;

/**
 * Checks what a page set. Throws a TypeError that names the option: such a mistake should show at once, to who made it.
 * `defaultTracker` is a URL base; a relative `tracker` is taken as seen from `page`.
 */
export function checkOptions(options: ShoalOptions, defaultTracker: string, page: string): Settings {
  const {
    tracker = defaultTracker,
    stream,
    token,
    upload = "share",
    rtcConfig,
    limits = {},
  } = named(options, NAMES, "");
  check(typeof tracker === "string", "tracker", "the http(s) base URL of a tracker", tracker);
  check(isText(stream, LIMITS.streamLength), "stream", `a text of 1 to ${LIMITS.streamLength} characters`, stream);
  check(isText(token, LIMITS.tokenLength), "token", `a text of 1 to ${LIMITS.tokenLength} characters`, token);
  check(UPLOADS.includes(upload), "upload", '"share", "receive" or "off"', upload);
  check(rtcConfig === undefined || isRecord(rtcConfig), "rtcConfig", "an RTCConfiguration", rtcConfig);
  const { storeBytes, diskBytes, uploadBitsPerSecond, uploadRatio, neighbours } = named(limits, LIMIT_NAMES, "limits.");
  check(within(storeBytes, LEAST_STORE_BYTES), "limits.storeBytes", `${LEAST_STORE_BYTES} bytes or more`, storeBytes);
  check(within(diskBytes, 0), "limits.diskBytes", "0 or more", diskBytes);
  check(within(uploadBitsPerSecond, 0), "limits.uploadBitsPerSecond", "0 or more", uploadBitsPerSecond);
  check(within(uploadRatio, 0), "limits.uploadRatio", "0 or more", uploadRatio);
  const whole = within(neighbours, 1, MOST_NEIGHBOURS) && Number.isInteger(neighbours ?? 1);
  check(whole, "limits.neighbours", `a whole number from 1 to ${MOST_NEIGHBOURS}`, neighbours);
  const signal = signalUrl(tracker, page);
  return {
    signalUrl: signal,
    reportUrl: signal.replace(/^ws/, "http").replace(/signal$/, "report"),
    stream,
    token,
    upload,
    rtcConfig,
    limits,
  };
}

/** The same, when it has no other names than these. */
function named<T extends object>(value: T, names: readonly string[], prefix: string): T {
  const path = prefix === "" ? "The second argument of attachShoal" : `Option "${prefix.slice(0, -1)}"`;
  if (!isRecord(value)) throw new TypeError(`${path} must be an object.`);
  const odd = Object.keys(value).find((name) => !names.includes(name));
  if (odd !== undefined) {
    throw new TypeError(`Option "${prefix}${odd}" is not known; there are ${names.join(", ")}.`);
  }
  return value;
}

function check(right: boolean, name: string, must: string, value: unknown): void {
  if (!right) throw new TypeError(`Option "${name}" must be ${must}, not ${JSON.stringify(value)}.`);
}

const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null;

const isText = (value: unknown, longest: number): boolean =>
  value === undefined || (typeof value === "string" && value.length > 0 && value.length <= longest);

const within = (value: unknown, least: number, most = Number.POSITIVE_INFINITY): boolean =>
  value === undefined || (typeof value === "number" && value >= least && value <= most);
