const SCHEMES: Readonly<Record<string, string>> = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };

/**
 * The signalling URL of a tracker whose http(s) base is `base`, which may have a path of its own: `https://a.example/t/` gives
 * `wss://a.example/t/v1/signal`. A relative base is resolved against `page`. Throws a TypeError for anything else.
 */
export function signalUrl(base: string, page?: string): string {
  const url = URL.canParse(base, page) ? new URL(base, page) : undefined;
  const scheme = url && SCHEMES[url.protocol];
  if (url === undefined || scheme === undefined) {
    throw new TypeError(`The tracker must be an http or https URL, like https://tracker.example/, not "${base}".`);
  }
  return `${scheme}//${url.host}${url.pathname.replace(/\/+$/, "")}/v1/signal`;
}
