import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second that Linux counts CPU time in (USER_HZ, 100 on every common platform). */
const TICKS = 100;

/**
 * CPU seconds used so far by the descendants of process `root` whose command's name contains `name`, and by those of their
 * children that have ended. Linux only.
 */
export function cpuSeconds(root: number, name: string): number {
  const children = new Map<number, number[]>();
  const used = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = read(`/proc/${entry}/stat`);
    if (stat === undefined) continue;
    // The command's name stands in brackets and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    const command = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    if (!command.includes(name)) continue;
    used.set(
      Number(entry),
      [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0),
    );
  }
  let ticks = 0;
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    ticks += used.get(pid) ?? 0;
    queue.push(...(children.get(pid) ?? []));
  }
  return ticks / TICKS;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process ended between the listing and the look.
    return undefined;
  }
}
