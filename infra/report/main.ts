import { once } from "node:events";
import { report } from "./run.ts";

/** `npm run report`. */
process.exitCode = await report(process.argv.slice(2), process.env, {
  out: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  },
  err: (text) => console.error(text),
});
