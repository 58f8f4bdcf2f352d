/** A request as the fault script of a test sees it. */
export type OriginRequest = {
  readonly kind: "segment" | "playlist";
  readonly path: string;
  readonly method: string;
  /** The `Range` header, empty when there is none. */
  readonly range: string;
};

/** What a test may do to an answer. Only code that makes an origin can ask for it; no URL does. */
export type Fault =
  | { readonly kind: "status"; readonly status: number }
  /** Takes the request and never answers; ends when the client goes away. */
  | { readonly kind: "hang" }
  /** Breaks the connection after so many bytes of the body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Answers with the whole body whatever range was asked for. */
  | { readonly kind: "no-range" };

/** Decides for each request; undefined lets it pass. */
export type FaultScript = (request: OriginRequest) => Fault | undefined;
