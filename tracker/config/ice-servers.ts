import * as v from "valibot";
import type { Turn } from "../access/turn-credentials.ts";
import { type IceServer, LIMITS } from "../protocol/index.ts";
import { variable, wholeNumber } from "./readers.ts";

const NAME = "ICE_SERVERS";

/** `stun:host[:port]`, or `turn:` with `?transport=` (RFC 7064, RFC 7065). */
const IceUrl = v.pipe(
  v.string(`${NAME}: expected each URL to be a string`),
  v.maxLength(LIMITS.iceUrlLength, `${NAME}: expected URLs of at most ${LIMITS.iceUrlLength} characters`),
  v.regex(
    /^(stuns?:[^\s,?@/]+|turns?:[^\s,?@/]+(\?transport=(udp|tcp))?)$/,
    (issue) =>
      `${NAME}: "${issue.input}" is no ICE URL; expected such as "stun:host:3478" or "turn:host?transport=udp"`,
  ),
);
const Credential = v.pipe(
  v.string(`${NAME}: expected username and credential to be strings`),
  v.maxLength(LIMITS.iceUrlLength),
);

const Server = v.pipe(
  v.strictObject(
    {
      urls: v.union(
        [
          v.pipe(
            IceUrl,
            v.transform((url) => [url]),
          ),
          v.pipe(
            v.array(IceUrl),
            v.minLength(1, `${NAME}: expected at least one URL in each server`),
            v.maxLength(LIMITS.iceServers),
          ),
        ],
        (issue) => issue.issues?.[0]?.message ?? `${NAME}: expected "urls" to be a URL or an array of URLs`,
      ),
      username: v.optional(Credential),
      credential: v.optional(Credential),
    },
    `${NAME}: expected each server to be an object of urls, username and credential`,
  ),
  // A browser throws on such a server, and the viewer would have no peers at all.
  v.check(
    (server) => !server.urls.some((url) => /^turns?:/.test(url)) || Boolean(server.username && server.credential),
    `${NAME}: a turn: server needs a username and a credential; expected the JSON form, ` +
      `such as [{"urls":"turn:host","username":"u","credential":"c"}]`,
  ),
);

const Servers = v.pipe(
  v.array(Server, `${NAME}: expected an array of servers`),
  // One place is kept for the servers with minted credentials.
  v.maxLength(LIMITS.iceServers - 1, `${NAME}: expected at most ${LIMITS.iceServers - 1} servers`),
);

/** Reads a JSON array of RTCIceServer, or a comma separated list of URLs. */
export const IceServersVariable = v.pipe(
  variable(NAME),
  v.rawTransform<string, unknown>(({ dataset, addIssue, NEVER }) => {
    if (dataset.value === "") return [];
    if (!dataset.value.startsWith("[")) return dataset.value.split(",").map((url) => ({ urls: url.trim() }));
    try {
      return JSON.parse(dataset.value) as unknown;
    } catch (error) {
      addIssue({ message: `${NAME}: expected a JSON array of servers or a list of URLs (${String(error)})` });
      return NEVER;
    }
  }),
  Servers,
  v.transform((servers): IceServer[] => servers),
);

const TURN_URL = /^turns?:[^\s,?@/]+(\?transport=(udp|tcp))?$/;

/** `TURN_SERVERS`: a comma separated list of TURN URLs; none by default. */
const TurnUrls = v.pipe(
  variable("TURN_SERVERS"),
  v.transform((text) => (text === "" ? [] : text.split(",").map((url) => url.trim()))),
  v.maxLength(LIMITS.iceServers, `TURN_SERVERS: expected at most ${LIMITS.iceServers} URLs`),
  v.checkItems(
    (url) => TURN_URL.test(url) && url.length <= LIMITS.iceUrlLength,
    ({ input }) =>
      `TURN_SERVERS: expected URLs such as "turn:turn.example?transport=udp", comma separated, not ${JSON.stringify(input)}`,
  ),
);

export const TURN_ENTRIES = {
  TURN_SERVERS: TurnUrls,
  TURN_SECRET: v.pipe(
    variable("TURN_SECRET"),
    v.check((text) => text === "" || text.length >= 16, "TURN_SECRET: expected at least 16 characters"),
  ),
  TURN_TTL: wholeNumber("TURN_TTL", 60, 7 * 86_400),
};

type TurnVariables = {
  readonly TURN_SERVERS: readonly string[];
  readonly TURN_SECRET: string;
  readonly TURN_TTL: number;
};

/** The servers and the secret are of no use without each other. */
export const turnIsWhole = ({ TURN_SERVERS, TURN_SECRET }: TurnVariables): boolean =>
  TURN_SERVERS.length > 0 === (TURN_SECRET !== "");

export const turnOf = ({ TURN_SERVERS, TURN_SECRET, TURN_TTL }: TurnVariables): Turn | undefined =>
  TURN_SECRET === "" ? undefined : { urls: TURN_SERVERS, secret: TURN_SECRET, ttlMs: TURN_TTL * 1000 };
