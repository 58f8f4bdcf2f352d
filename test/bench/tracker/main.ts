/**
 * `npm run bench:tracker`: what the tracker costs, next to bittorrent-tracker, PeerJS's server and the least that Node can do, under the
 * same generator in the same run. CPU is each server's own account of itself. Prints a table; `--json FILE` keeps every figure.
 */
import { writeFileSync } from "node:fs";
import { chosenFrom, countFrom, readArguments } from "../arguments.ts";
import { CONTENDERS, type Name } from "./contenders.ts";
import { measureCrowd } from "./crowd.ts";
import { measureIntroductions } from "./introduction.ts";
import { measureMatching } from "./matching.ts";
import { measureMemory } from "./memory.ts";
import { measureRedis } from "./redis.ts";
import { measureRelay } from "./relay.ts";
import type { Server } from "./server.ts";
import {
  crowdRows,
  type Figures,
  introductionRows,
  matchingRows,
  memoryRows,
  type Row,
  redisRows,
  relayRows,
  twoRows,
} from "./table.ts";
import type { Lane } from "./turns.ts";
import { measureTwo } from "./two.ts";

const SUITES = ["matching", "introduction", "relay", "memory", "crowd", "redis", "two"] as const;
type Suite = (typeof SUITES)[number];
const MEMORY_VIEWERS = [10_000, 19_500];

const HELP = `Usage: npm run bench:tracker -- [options]
  --only A,B     of ${SUITES.join(", ")} (default: all)
  --repeat N     runs of each, every one with servers of its own (default 3); the table shows medians
  --json FILE    write all figures to FILE
  --help
The machine should have nothing else to do, two cores, and 20,000 file descriptors for one process (ulimit -n).
TRACKER_PROFILE=FOLDER leaves a CPU profile of each server there.`;

const values = readArguments({
  only: { type: "string", default: SUITES.join(",") },
  repeat: { type: "string", default: "3" },
  json: { type: "string" },
  help: { type: "boolean", default: false },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const chosen = chosenFrom("only", values.only, SUITES);
const repeats = countFrom("repeat", values.repeat);

async function on<T>(name: Name, what: Suite, work: (server: Server) => Promise<T>): Promise<T> {
  console.error(`${what}: ${name}`);
  const server = await CONTENDERS[name].start();
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** Each of the contenders once. */
async function once<T>(what: Suite, names: readonly Name[], work: (name: Name, server: Server) => Promise<T>) {
  const found: Partial<Record<Name, T>> = {};
  for (const name of names) found[name] = await on(name, what, (server) => work(name, server));
  return found;
}

/** Each of the contenders in turns. */
async function inTurn<T>(what: Suite, names: readonly Name[], work: (lanes: readonly Lane[]) => Promise<T[]>) {
  console.error(`${what}: ${names.join(", ")} in turns`);
  const lanes: Lane[] = [];
  try {
    for (const name of names) {
      lanes.push({ contender: CONTENDERS[name], server: await CONTENDERS[name].start(), processes: 1 });
    }
    const found = await work(lanes);
    return Object.fromEntries(names.map((name, index) => [name, found[index]])) as Partial<Record<Name, T>>;
  } finally {
    for (const { server } of lanes) await server.stop();
  }
}

async function run(suite: Suite, figures: Figures): Promise<void> {
  const [shoal, bare, bittorrent, peerjs] = ["shoal", "bare", "bittorrent-tracker", "peerjs"] as const;
  switch (suite) {
    case "matching":
      figures.matching.push(await inTurn(suite, [shoal, bare, bittorrent], measureMatching));
      return;
    case "introduction":
      figures.introduction.push(await inTurn(suite, [shoal, bare, bittorrent], measureIntroductions));
      return;
    case "relay":
      figures.relay.push(await inTurn(suite, [shoal, bare, peerjs], measureRelay));
      return;
    case "memory": {
      const measure = (name: Name, server: Server) => measureMemory(CONTENDERS[name], server, MEMORY_VIEWERS);
      figures.memory.push(await once(suite, [shoal, bittorrent], measure));
      return;
    }
    case "crowd": {
      figures.crowd.push(await once(suite, [shoal, bittorrent], measureCrowd));
      return;
    }
    case "redis":
      console.error("redis");
      figures.redis.push(await measureRedis());
      return;
    case "two":
      console.error("two processes");
      figures.two.push(await measureTwo());
      return;
    default:
      suite satisfies never;
  }
}

const figures: Figures = { matching: [], introduction: [], relay: [], memory: [], crowd: [], redis: [], two: [] };
for (let repeat = 0; repeat < repeats; repeat++) {
  for (const suite of chosen) await run(suite, figures);
}
const rows: Row[] = [
  ...matchingRows(figures.matching),
  ...introductionRows(figures.introduction),
  ...relayRows(figures.relay),
  ...memoryRows(figures.memory),
  ...crowdRows(figures.crowd),
  ...redisRows(figures.redis),
  ...twoRows(figures.two),
];
console.table(rows);
console.log(
  "bare: as little as a server in Node can do, unchecked; behind it, how many times the rival's that is.\n" +
    "busy: share of one core that the server and, behind the slash, the generator used while this was measured.",
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows, figures }, null, 2)}\n`);
process.exit(0);
