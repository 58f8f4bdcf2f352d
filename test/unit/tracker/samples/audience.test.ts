import { expect, test } from "vitest";
import { audienceOf } from "../../../../tracker/samples/audience.ts";

const AGENTS: readonly (readonly [string, string, string])[] = [
  [
    "desktop",
    "chrome",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  ],
  [
    "desktop",
    "edge",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
  ],
  ["desktop", "firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"],
  [
    "desktop",
    "safari",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
  ],
  [
    "phone",
    "safari",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  ],
  [
    "phone",
    "chrome",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
  ],
  [
    "phone",
    "chrome",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
  ],
  [
    "tablet",
    "chrome",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  ],
  [
    "tablet",
    "safari",
    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
  ],
  [
    "tv",
    "other",
    "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
  ],
  [
    "desktop",
    "other",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 OPR/115.0.0.0",
  ],
  ["other", "other", "curl/8.9.1"],
];

test.each(AGENTS)("a %s with %s is told by its user agent", (device, browser, agent) => {
  expect(audienceOf(agent, {})).toEqual({ country: "ZZ", network: "unknown", device, browser });
});

test("a place is told as country and network; what is no country code is unknown", () => {
  expect(audienceOf(undefined, { country: "DE", as: 3320 })).toMatchObject({ country: "DE", network: "3320" });
  expect(audienceOf(undefined, { country: "Germany" })).toMatchObject({ country: "ZZ", network: "unknown" });
});

test("a user agent of a megabyte costs no more than a short one", () => {
  expect(audienceOf("Android ".repeat(130_000), {})).toMatchObject({ device: "tablet" });
});
