import * as v from "valibot";

/** Caps on what a neighbour may say while a link is made. The tracker relays signals unread, so they are checked here. */
export const SIGNAL_LIMITS = {
  /** Characters in an offer or answer; real ones for one data channel have 400-4000. */
  sdpLength: 16 * 1024,
  candidateLength: 1024,
  midLength: 64,
  lineIndex: 64,
  /** Candidates taken for one link; a machine with many interfaces and two TURN servers makes about 30. */
  candidates: 96,
  /** Candidates kept while their offer is still on its way. */
  earlyCandidates: 32,
  /** Offers taken for one link: the first, and ICE restarts. */
  offers: 8,
} as const;

/**
 * Names one call. Made by the caller, repeated in every signal of that call, so that a late signal of an earlier call between
 * the same two viewers is told apart. Also settles glare: of two calls that cross, the smaller id (as text) stands.
 */
const CallIdSchema = v.pipe(v.string(), v.regex(/^[0-9a-z]{14}$/), v.brand("CallId"));
export type CallId = v.InferOutput<typeof CallIdSchema>;

const sdp = v.pipe(v.string(), v.minLength(1), v.maxLength(SIGNAL_LIMITS.sdpLength));

const CandidateSchema = v.pipe(
  v.object({
    candidate: v.pipe(v.string(), v.minLength(1), v.maxLength(SIGNAL_LIMITS.candidateLength)),
    sdpMid: v.nullable(v.pipe(v.string(), v.maxLength(SIGNAL_LIMITS.midLength))),
    sdpMLineIndex: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SIGNAL_LIMITS.lineIndex))),
  }),
  // RTCIceCandidate's constructor throws when both are null.
  v.check((c) => c.sdpMid !== null || c.sdpMLineIndex !== null),
);

const SignalSchema = v.variant("kind", [
  v.object({ kind: v.literal("offer"), call: CallIdSchema, sdp }),
  v.object({ kind: v.literal("answer"), call: CallIdSchema, sdp }),
  v.object({ kind: v.literal("candidate"), call: CallIdSchema, candidate: CandidateSchema }),
  /** The called side asks the caller for an ICE restart. */
  v.object({ kind: v.literal("renegotiate"), call: CallIdSchema }),
  /** The sender gave this call up. */
  v.object({ kind: v.literal("bye"), call: CallIdSchema }),
]);

/** What two mesh ends say to each other through the tracker, as JSON. */
export type Signal = v.InferOutput<typeof SignalSchema>;

type WithoutCall<S> = S extends unknown ? Omit<S, "call"> : never;
/** A signal as one end of a link makes it; the mesh adds the call. */
export type SignalBody = WithoutCall<Exclude<Signal, { kind: "bye" }>>;

/** The signal in `payload`, or `undefined` when it is not one. Never throws. */
export function parseSignalPayload(payload: string): Signal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const result = v.safeParse(SignalSchema, value);
  return result.success ? result.output : undefined;
}

/** A new call id from 64 random bits; `crypto.getRandomValues` exists outside secure contexts too. */
export function newCallId(): CallId {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high.toString(36).padStart(7, "0") + low.toString(36).padStart(7, "0")) as CallId;
}
