/**
 * A tracker process cut down to its mailbox: `holder.ts <url> <prefix> <name> <lease ms> [count]`. Prints `attached`, then each
 * mail; or, when it is to count, at each mail of kind `gone` how many mails there have been.
 */
import { createRedisStore, type NodeId } from "../../tracker/store/index.ts";

const [url = "", prefix = "", name = "", leaseMs = "", count] = process.argv.slice(2);
const limits = { nodeLeaseMs: Number(leaseMs), keepMs: Number(leaseMs) / 8 };
const store = createRedisStore({ url, prefix, limits });
while ((await store.ready()) !== "ready") await new Promise((resolve) => setTimeout(resolve, 10));
let received = 0;
const attached = await store.attach(name as NodeId, (mail) => {
  received += 1;
  if (count === undefined) console.log(JSON.stringify(mail));
  else if (mail.kind === "gone") console.log(received);
});
console.log(attached);
