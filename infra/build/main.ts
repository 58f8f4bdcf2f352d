import { pino } from "pino";
import { ensureBuilt } from "./index.ts";

/** `npm run build`: builds the browser bundles into `dist/`, whether anything changed or not. */
const result = await ensureBuilt({ log: pino({ level: "warn" }), force: true });
if (result.kind === "built") console.log(`Built dist/player and dist/pages in ${(result.ms / 1000).toFixed(1)} s.`);
