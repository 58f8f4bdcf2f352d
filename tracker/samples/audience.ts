import {
  type Browser,
  type Device,
  type ReceivedSample,
  UNKNOWN_COUNTRY,
  UNKNOWN_NETWORK,
} from "../../worker/protocol/index.ts";

/** What the tracker sees of a viewer and reports tell viewers apart by. Neither address nor browser itself is kept. */
export type Audience = Pick<ReceivedSample, "country" | "network" | "device" | "browser" | "viewer">;

type Place = { readonly as?: number; readonly country?: string };

/** Longest `User-Agent` that is looked at, in characters. */
const USER_AGENT_LENGTH = 512;

/** The first that fits is it: later ones also fit what earlier ones name (every Edge says Chrome, every Chrome says Safari). */
const DEVICE_PATTERNS: readonly (readonly [Device, RegExp])[] = [
  ["tv", /\b(SmartTV|SMART-TV|Tizen|Web0S|WebOS|AppleTV|GoogleTV|Android TV|BRAVIA|AFT[A-Z]|CrKey|HbbTV|Roku)\b/i],
  ["tablet", /\biPad\b|\bTablet\b|\bAndroid\b(?!.*\bMobile\b)/],
  ["phone", /\b(iPhone|iPod|Mobile)\b/],
  ["desktop", /\b(Windows NT|Macintosh|X11|CrOS|Linux)\b/],
];
const BROWSER_PATTERNS: readonly (readonly [Browser, RegExp])[] = [
  ["edge", /\b(Edg|EdgA|EdgiOS)\//],
  ["other", /\b(OPR|SamsungBrowser|YaBrowser|UCBrowser|Vivaldi)\//],
  ["firefox", /\b(Firefox|FxiOS)\//],
  ["chrome", /\b(Chrome|HeadlessChrome|CriOS)\//],
  ["safari", /\bVersion\/\S+.*\bSafari\//],
];

/**
 * Where a viewer is and what it looks with. An iPad that asks for desktop pages calls itself a Macintosh, and counts as one: its
 * request says nothing else.
 */
export function audienceOf(userAgent: string | undefined, place: Place): Audience {
  const key = `${place.country ?? ""} ${place.as ?? ""} ${(userAgent ?? "").slice(0, USER_AGENT_LENGTH)}`;
  const known = audiences.get(key);
  if (known) return known;
  if (audiences.size >= AUDIENCES_KEPT) audiences.clear();
  const audience = readAudience(userAgent, place);
  audiences.set(key, audience);
  return audience;
}

/** Audiences that are remembered: most viewers share one with others, and nine patterns are tried for each. */
const AUDIENCES_KEPT = 2000;
const audiences = new Map<string, Audience>();

function readAudience(userAgent: string | undefined, place: Place): Audience {
  const text = (userAgent ?? "").slice(0, USER_AGENT_LENGTH);
  return {
    country: /^[A-Z]{2}$/.test(place.country ?? "") ? (place.country ?? UNKNOWN_COUNTRY) : UNKNOWN_COUNTRY,
    network: place.as === undefined ? UNKNOWN_NETWORK : String(place.as),
    device: firstOf(DEVICE_PATTERNS, text) ?? "other",
    browser: firstOf(BROWSER_PATTERNS, text) ?? "other",
  };
}

const firstOf = <Name>(patterns: readonly (readonly [Name, RegExp])[], text: string): Name | undefined =>
  patterns.find(([, pattern]) => pattern.test(text))?.[0];
