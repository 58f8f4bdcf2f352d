import * as v from "valibot";
import { type IceServer, LIMITS } from "../protocol/index.ts";
import { variable } from "./readers.ts";

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
  v.maxLength(LIMITS.iceServers, `${NAME}: expected at most ${LIMITS.iceServers} servers`),
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
