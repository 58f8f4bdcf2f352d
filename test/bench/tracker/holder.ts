/** Holds viewers of the crowd, and tells how many introductions they get: `holder.ts NAME PORT VIEWERS`, forked by `crowd.ts`. */
import { CONTENDERS, NAMES } from "./contenders.ts";
import { joinAll } from "./crew.ts";
import { CROWD_STREAM, FIRST_HALF, type Gained } from "./crowd.ts";

const [wanted, port, viewers] = process.argv.slice(2);
const name = NAMES.find((one) => one === wanted);
if (name === undefined) throw new Error(`no contender is called "${wanted}"`);

const settled = await joinAll(CONTENDERS[name], { port: Number(port) }, Number(viewers), () => CROWD_STREAM);
let before = settled.map(() => 0);

process.on("message", (ask) => {
  const met = settled.map((viewer) => viewer.met());
  const gained = met.map((count, index) => count - (before[index] ?? 0));
  if (ask === "mark") before = met;
  tell({ byFirstHalf: sum(gained.slice(0, FIRST_HALF)), byAll: sum(gained) });
});
process.once("disconnect", () => process.exit());
tell({ byFirstHalf: 0, byAll: 0 });

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function tell(gained: Gained): void {
  process.send?.(gained);
}
