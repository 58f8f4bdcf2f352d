import * as v from "valibot";
import { WEBTORRENT_LIMITS as LIMITS } from "./limits.ts";

/** 20 bytes as a string of 20 characters, which is how WebTorrent carries binary in JSON. */
const Id = v.pipe(v.string(), v.length(LIMITS.idLength));
const InfoHashSchema = v.pipe(Id, v.brand("InfoHash"));
export type InfoHash = v.InferOutput<typeof InfoHashSchema>;
const TorrentPeerIdSchema = v.pipe(Id, v.brand("TorrentPeerId"));
/** Chosen by the client; means something within one swarm, and only for the socket that holds it. */
export type TorrentPeerId = v.InferOutput<typeof TorrentPeerIdSchema>;
const OfferIdSchema = v.pipe(Id, v.brand("OfferId"));
export type OfferId = v.InferOutput<typeof OfferIdSchema>;

const description = <Type extends "offer" | "answer">(type: Type) =>
  v.object({ type: v.literal(type), sdp: v.pipe(v.string(), v.maxLength(LIMITS.sdpLength)) });

const OfferSchema = v.object({ offer: description("offer"), offer_id: OfferIdSchema });
export type Offer = v.InferOutput<typeof OfferSchema>;

/** Clients send more than this; what is not named here is neither read nor passed on. */
const AnnounceSchema = v.object({
  action: v.literal("announce"),
  info_hash: InfoHashSchema,
  peer_id: TorrentPeerIdSchema,
  event: v.optional(v.picklist(["started", "completed", "stopped", "update", "paused", "empty", ""])),
  /** Bytes still to come; 0 makes a seeder, and null stands for "not known". */
  left: v.nullish(v.pipe(v.number(), v.minValue(0))),
  numwant: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  offers: v.optional(v.pipe(v.array(OfferSchema), v.maxLength(LIMITS.offers)), []),
});
export type Announce = v.InferOutput<typeof AnnounceSchema>;

const AnswerSchema = v.object({
  action: v.literal("announce"),
  info_hash: InfoHashSchema,
  peer_id: TorrentPeerIdSchema,
  to_peer_id: TorrentPeerIdSchema,
  offer_id: OfferIdSchema,
  answer: description("answer"),
});
export type Answer = v.InferOutput<typeof AnswerSchema>;

const ScrapeSchema = v.object({
  action: v.literal("scrape"),
  info_hash: v.union([
    v.pipe(
      InfoHashSchema,
      v.transform((hash) => [hash]),
    ),
    v.pipe(v.array(InfoHashSchema), v.maxLength(LIMITS.scraped)),
  ]),
});
export type Scrape = v.InferOutput<typeof ScrapeSchema>;

/** What a client may ask for. */
export type Request =
  | { readonly kind: "announce"; readonly message: Announce }
  | { readonly kind: "answer"; readonly message: Answer }
  | { readonly kind: "scrape"; readonly message: Scrape };

/** Reads one message; text says what is wrong with it. */
export function readRequest(text: string): Request | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `not JSON (${String(error)})`;
  }
  if (typeof json !== "object" || json === null || !("action" in json)) return "action: missing";
  if (json.action === "scrape") return parse("scrape", ScrapeSchema, json);
  if ("answer" in json && json.answer) return parse("answer", AnswerSchema, json);
  return parse("announce", AnnounceSchema, json);
}

function parse<Kind extends Request["kind"], Schema extends v.GenericSchema>(
  kind: Kind,
  schema: Schema,
  json: unknown,
) {
  const parsed = v.safeParse(schema, json, { abortEarly: true });
  if (parsed.success) return { kind, message: parsed.output } as Extract<Request, { kind: Kind }>;
  const [issue] = parsed.issues;
  return `${v.getDotPath(issue) ?? "message"}: ${issue.message}`.slice(0, 300);
}

export type Counts = { readonly complete: number; readonly incomplete: number };

/** Why something was refused; the first word of `failure reason`. */
export type Failure =
  | "malformed"
  | "peer-id-taken"
  | "peer-id-changed"
  | "too-many-swarms"
  | "unknown-offer"
  | "rate-limited"
  | "full";

/** What a client is told. */
export type Reply =
  | ({ readonly action: "announce"; readonly info_hash: InfoHash; readonly interval: number } & Counts)
  | ({ readonly action: "announce"; readonly info_hash: InfoHash; readonly peer_id: TorrentPeerId } & Offer)
  | ({ readonly action: "announce"; readonly info_hash: InfoHash; readonly peer_id: TorrentPeerId } & Pick<
      Answer,
      "answer" | "offer_id"
    >)
  | { readonly action: "scrape"; readonly files: Readonly<Record<string, Counts & { readonly downloaded: number }>> }
  | { readonly action?: "announce"; readonly info_hash?: InfoHash; readonly "failure reason": string };
