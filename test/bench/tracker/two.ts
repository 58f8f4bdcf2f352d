/**
 * What it costs to be two: full matches in streams whose viewers are half on one process and half on the other, with Redis between,
 * against the same with all on one process and no Redis. CPU of both processes together, for each match; Redis's own is not in it.
 */
import { startRedis } from "../../support/redis.ts";
import { CONTENDERS, openShoal, startShoal } from "./contenders.ts";
import { measureMatching, STREAMS } from "./measures.ts";
import { type Address, type Cost, measureBy, type Server } from "./server.ts";

export type Two = {
  readonly one: Cost;
  readonly two: Cost;
  /** Calls that came to nothing, of all that were made in whole matches and while warming up. */
  readonly gone: number;
};

export async function measureTwo(): Promise<Two> {
  const one = await using(await startShoal(), (server) => measureMatching(CONTENDERS.shoal, server));
  const redis = await startRedis();
  try {
    const env = { REDIS_URL: redis.url };
    const servers = [await startShoal(env), await startShoal(env)] as const;
    let gone = 0;
    const two = await using(together(servers), (pair) => {
      let opened = 0;
      const open = (_: Address, stream: string) => openShoal(servers[turnOf(opened++)], stream, () => void gone++);
      return measureMatching({ ...CONTENDERS.shoal, open }, pair);
    });
    return { one: one.match, two: two.match, gone };
  } finally {
    await redis.stop();
  }
}

/** Viewers are opened stream after stream: of one stream, the first is here, the next there. */
const turnOf = (index: number): 0 | 1 => (Math.floor(index / STREAMS) % 2 === 0 ? 0 : 1);

async function using<T>(server: Server, work: (server: Server) => Promise<T>): Promise<T> {
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** Two servers as one: what they use is what both use. */
function together([a, b]: readonly [Server, Server]): Server {
  const usage: Server["usage"] = async (ask) => {
    const [one, other] = await Promise.all([a.usage(ask), b.usage(ask)]);
    return { cpu: one.cpu + other.cpu, rss: one.rss + other.rss, heap: one.heap + other.heap };
  };
  return {
    port: a.port,
    usage,
    measure: measureBy(usage),
    stop: async () => void (await Promise.all([a.stop(), b.stop()])),
  };
}
