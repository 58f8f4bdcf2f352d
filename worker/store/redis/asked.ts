import type { Resolution } from "../../reports/index.ts";
import type { Look } from "../port.ts";
import type { Keys } from "./keys.ts";
import type { Range } from "./rows.ts";

/** A Redis that is asked, and how its keys are called. */
export type Asked = {
  readonly keys: Keys;
  /** Rejects as the client does. */
  readonly command: (key: string, name: string, ...args: readonly string[]) => Promise<unknown>;
};

/** What is looked for: one site, a scope of it, and buckets of one width. */
export type Wanted = {
  readonly site: string;
  readonly look: Look;
  readonly resolution: Resolution;
  readonly range: Range;
};
