import { Counter, Gauge, type Registry } from "prom-client";
import { CLOSE_CODES, type ErrorCode, type Nearness, type ViewerMessage } from "./protocol/index.ts";
import type { Giving } from "./swarm/index.ts";

/** What a message counts as; `invalid` is anything that could not be read. */
export type MessageType = ViewerMessage["t"] | "signal" | "invalid";
/** Why a socket or a request was turned away without an error code of the protocol. */
export type Refusal = ErrorCode | "origin-not-allowed" | "draining" | "too-large";
/** `failed`: the sink did not take them. `busy`: too many batches were waiting for the sink. */
export type SampleOutcome = "accepted" | "refused" | "failed" | "busy";

/** The tracker's own numbers. Labels come from closed sets, so that nobody outside can grow them. */
export type TrackerMetrics = {
  readonly joined: () => void;
  readonly message: (type: MessageType) => void;
  readonly relayed: (path: "local" | "remote") => void;
  readonly introduced: (near: Nearness) => void;
  readonly refused: (reason: Refusal) => void;
  readonly closed: (code: number) => void;
  readonly samples: (outcome: SampleOutcome, count: number) => void;
  readonly storeFailed: (operation: string) => void;
};

const PROTOCOL_CODES = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011];
const KNOWN_CODES: ReadonlySet<number> = new Set([...PROTOCOL_CODES, ...Object.values(CLOSE_CODES)]);

/** Registers the metrics, all named `shoal_tracker_…`. `viewers` and `swarms` are asked for at each scrape. */
export function createMetrics(
  registry: Registry,
  now: {
    readonly viewers: () => ReadonlyMap<Giving, number>;
    readonly swarms: () => number;
    readonly sockets: () => number;
  },
): TrackerMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `shoal_tracker_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  /** Counts by the values of one label. Counted in plain numbers, and told to Prometheus's library when somebody asks. */
  const counter = (name: string, help: string, label: string): ((value: string, count?: number) => void) => {
    const counts = new Map<string, number>();
    new Counter({
      name: `shoal_tracker_${name}`,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count] of counts) this.inc({ [label]: value }, count);
      },
    });
    return (value, count = 1) => void counts.set(value, (counts.get(value) ?? 0) + count);
  };

  gauge("sockets", "Open signalling sockets of this process.", now.sockets);
  new Gauge({
    name: "shoal_tracker_viewers",
    help: "Viewers that joined a swarm through this process, by what they give. `relayed`: through a TURN server alone.",
    labelNames: ["gives"],
    registers,
    collect() {
      for (const [gives, count] of now.viewers()) this.set({ gives }, count);
    },
  });
  gauge("swarms", "Swarms with a viewer on this process.", now.swarms);
  let joined = 0;
  new Counter({
    name: "shoal_tracker_joins_total",
    help: "Viewers welcomed.",
    registers,
    collect() {
      this.reset();
      this.inc(joined);
    },
  });
  const messages = counter("messages_total", "Messages from viewers, by type.", "type");
  const relays = counter("relays_total", "Signals relayed, to a viewer of this process or of another.", "path");
  const introductions = counter("introductions_total", "Pairs of viewers introduced, by nearness.", "near");
  const refusals = counter("refusals_total", "Things refused to a viewer, by code.", "code");
  const closes = counter("closes_total", "Sockets closed, by WebSocket close code.", "code");
  const samples = counter("samples_total", "Samples from viewers, by what became of them.", "result");
  const storeErrors = counter("store_errors_total", "Calls that the swarm store rejected.", "operation");

  return {
    joined: () => void joined++,
    message: messages,
    relayed: relays,
    introduced: introductions,
    refused: refusals,
    closed: (code) => closes(KNOWN_CODES.has(code) ? String(code) : "other"),
    samples,
    storeFailed: storeErrors,
  };
}
