/** One environment variable: what it is when unset, and what it means. The README's table is checked against this one. */
export type Variable = { readonly default: string; readonly meaning: string };

/** Every variable that the tracker reads, in the order in which the documentation lists them. */
export const TRACKER_VARIABLES = {
  ALLOWED_ORIGINS: {
    default: "*",
    meaning: "Origins of the pages that may use this tracker, comma separated and exact, or `*` for any.",
  },
  ICE_SERVERS: {
    default: "",
    meaning: "ICE servers for the viewers: a JSON array of RTCIceServer, or `stun:` URLs, comma separated.",
  },
  TURN_SERVERS: {
    default: "",
    meaning:
      "`turn:` and `turns:` URLs, comma separated, for which each viewer gets short-lived credentials; needs `TURN_SECRET`. " +
      "Relaying costs money and is the last resort.",
  },
  TURN_SECRET: {
    default: "",
    meaning: "Secret shared with the TURN servers (coturn's `static-auth-secret`), at least 16 characters.",
  },
  TURN_TTL: {
    default: "14400",
    meaning: "How long TURN credentials are good for, in seconds (60 to 604800); long sessions get new ones in time.",
  },
  MMDB_COUNTRY: {
    default: "",
    meaning:
      "File in MaxMind's format that knows the country of addresses: viewers of one country meet before others, and reports tell countries apart. A changed file is read anew.",
  },
  MMDB_ASN: {
    default: "",
    meaning: "The same for network operators (autonomous systems).",
  },
  SUBNET_GROUPS: {
    default: "",
    meaning:
      "CSV file of subnet, group and `on`, `off` or `receive`: viewers of one group meet first. Read anew on SIGHUP ([more](infra/subnets/README.md)).",
  },
  TRUST_PROXY: {
    default: "0",
    meaning: "Proxies in front of the tracker whose `X-Forwarded-For` entries are believed.",
  },
  UPLOAD_LIMIT: { default: "20000000", meaning: "Most that one viewer may upload to others, in bits per second." },
  SAMPLE_INTERVAL: {
    default: "5000",
    meaning: "Time between two samples that a viewer reports, in milliseconds (500 to 300000).",
  },
  P2P_MODE: {
    default: "share",
    meaning: "`share`: viewers give and take. `receive`: they give nothing. `off`: everybody stays on the CDN.",
  },
  HOLDOUT_SHARE: {
    default: "0",
    meaning:
      "Share of viewers (0 to 1) that stay on the CDN and are reported apart, to show what P2P does to the rest; 0.05 is " +
      "recommended. Set `SWARM_SECRET` too, so that it is the same ones after a restart.",
  },
  ADMIN_TOKEN: {
    default: "",
    meaning:
      "Opens the admin API, which changes policy while viewers watch, to who sends this token; at least 16 characters.",
  },
  TOKEN_SECRET: {
    default: "",
    meaning:
      "Secret with which the site's backend signs tokens (JWT, HS256) that players show, at least 32 characters. Unset, and no " +
      "`TOKEN_JWKS`: no token is asked for.",
  },
  TOKEN_JWKS: {
    default: "",
    meaning:
      "The same with public keys: URL of the backend's JWKS. Tokens need `exp`, and may name " +
      "the `site`, `stream` and `viewer` that they are for, and how many `uses` they have.",
  },
  NEIGHBOURS: { default: "8", meaning: "Neighbours that a newcomer is introduced to (1 to 16)." },
  SITE: {
    default: "default",
    meaning: "Name of the site in reports; viewers of different sites never meet (1 to 64).",
  },
  SWARM_SECRET: {
    default: "",
    meaning:
      "Key that swarm names and addresses are hashed with, at least 16 characters. Unset: follows from `REDIS_URL`, which can be " +
      "guessed unless it holds a password; without Redis a new one for each process.",
  },
  MAX_CONNECTIONS: { default: "50000", meaning: "Sockets that one process holds; more are refused as `full`." },
  MAX_CONNECTIONS_PER_ADDRESS: {
    default: "4096",
    meaning: "Sockets from one IPv4 address or IPv6 /64; an office or a school shares one.",
  },
  MESSAGES_PER_SECOND: {
    default: "30",
    meaning: "Messages that one viewer may send, on average; ten seconds' worth may come at once.",
  },
  WEBTORRENT: {
    default: "auto",
    meaning:
      "Serves WebTorrent clients, such as p2p-media-loader, at `/announce` too: on, off, or auto: unless viewers need a token, which these have none of.",
  },
  LOG_ADDRESSES: {
    default: "off",
    meaning:
      "Whether the log names the address of each viewer's connection, at level `debug`: on or off. Addresses are personal data; " +
      "nothing else keeps them.",
  },
} as const satisfies Record<string, Variable>;

export type TrackerVariable = keyof typeof TRACKER_VARIABLES;
