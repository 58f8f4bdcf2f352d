import type { Logger } from "pino";
import type { AddressLedger } from "../access/address-ledger.ts";
import type { Home } from "../access/homes.ts";
import type { TakeUse } from "../access/token-uses.ts";
import type { TokenCheck } from "../access/viewer-token.ts";
import type { TrackerConfig } from "../config/index.ts";
import type { TrackerMetrics } from "../metrics.ts";
import type { PolicyBook } from "../policy/index.ts";
import type { StreamId } from "../protocol/index.ts";
import type { SampleIntake } from "../samples/intake.ts";
import type { NodeId, SwarmStore } from "../store/index.ts";
import type { BucketLimit, Random } from "../swarm/index.ts";
import type { AbsentNodes } from "./absent.ts";
import type { Registry } from "./registry.ts";
import type { SizeNews } from "./size-news.ts";
import type { StoreFailures } from "./store-failures.ts";
import type { Timings } from "./timings.ts";

/** What the handlers of one tracker share. */
export type Context = {
  readonly config: TrackerConfig;
  readonly timings: Timings;
  /** Messages that one viewer may send. */
  readonly messageLimit: BucketLimit;
  readonly store: SwarmStore;
  /** Milliseconds, going on evenly whoever sets the machine's clock: for limits, pauses and the like. */
  readonly clock: () => number;
  /** Milliseconds since 1970, as others have them too: for what is shown to other machines. */
  readonly wallClock: () => number;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: TrackerMetrics;
  readonly registry: Registry;
  readonly sizeNews: SizeNews;
  readonly addresses: AddressLedger;
  readonly homeOf: (stream: StreamId) => Home;
  readonly intake: SampleIntake;
  readonly policies: PolicyBook;
  /** Undefined where nobody needs a token. */
  readonly admits: TokenCheck | undefined;
  /** Counts what tokens allow only so often. */
  readonly takeUse: TakeUse;
  readonly failures: StoreFailures;
  readonly absent: AbsentNodes;
  /** This process's name: what the peer ids that it gives begin with. */
  readonly node: () => NodeId;
};
