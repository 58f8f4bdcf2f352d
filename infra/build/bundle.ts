/** `bundle.ts ROOT OUT`: writes the bundles of the sources in ROOT below OUT. A process of its own, which `index.ts` forks. */
import { build } from "vite";
import { bundles } from "./bundles.ts";

// Whoever asked for the bundles is gone, and nobody will take them.
process.once("disconnect", () => process.exit(1));
const [root = "", out = ""] = process.argv.slice(2);
await Promise.all(bundles(root, out).map((config) => build(config)));
process.exit();
