/**
 * What it costs to be two: full matches in streams whose viewers are half on one process and half on the other, with Redis between,
 * against the same with all on one process and no Redis. Each of the two has the work of the one. CPU of both processes together, for
 * each match; Redis's own is not in it.
 *
 * It is measured at two paces. As fast as they go, the one process is never idle, and pays for each waking of Node and of the generator
 * with many messages, while the two share two cores with Redis and the generator, come to half as many matches each, and sleep in
 * between. At so many matches a second for each process, their work is the same.
 */
import { startRedis } from "../../support/redis.ts";
import { CONTENDERS, openShoal, startShoal } from "./contenders.ts";
import { measureMatching, type Pace } from "./matching.ts";
import { type Address, type Cost, measureBy, type Server } from "./server.ts";

export type Two = {
  readonly paced: Both;
  readonly fast: Both;
  /** Calls that came to nothing, of all that were made in whole matches and while warming up. */
  readonly gone: number;
};
type Both = { readonly one: Cost; readonly two: Cost };

/** About half of what one process can do beside its generator: two of them can do as many each. */
export const PACED = 800;

export async function measureTwo(): Promise<Two> {
  const redis = await startRedis();
  const servers: Server[] = [];
  const start = async (env?: Readonly<Record<string, string>>): Promise<Server> => {
    const server = await startShoal(env);
    servers.push(server);
    return server;
  };
  try {
    const alone = await start();
    const shared = { REDIS_URL: redis.url };
    const [here, there] = [await start(shared), await start(shared)];
    let gone = 0;
    /** Streams whose next viewer is there. */
    const turned = new Set<string>();
    const open = (_: Address, stream: string) => {
      const server = turned.delete(stream) ? there : here;
      if (server === here) turned.add(stream);
      return openShoal(server, stream, () => void gone++);
    };
    const measure = async (pace: Pace): Promise<Both> => {
      const [one, two] = await measureMatching(
        [
          { contender: CONTENDERS.shoal, server: alone, processes: 1 },
          { contender: { ...CONTENDERS.shoal, open }, server: together(here, there), processes: 2 },
        ],
        pace,
      );
      if (!one || !two) throw new Error("a lane was not measured");
      return { one: one.match, two: two.match };
    };
    return { paced: await measure({ perSecond: PACED }), fast: await measure("all"), gone };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.stop();
  }
}

/** Two servers as one: what they use is what both use. */
function together(a: Server, b: Server): Server {
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
