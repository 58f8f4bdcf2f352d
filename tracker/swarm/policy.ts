import type { Policy } from "../protocol/index.ts";

/** What the operator decides about the viewers of a stream. */
export type Terms = {
  readonly mode: Policy["mode"];
  /** Upper bound on a viewer's upload, in bits per second. */
  readonly uploadBitsPerSecond: number;
  /** Time between two samples of one session, in milliseconds. */
  readonly sampleMs: number;
  /** Share of the viewers (0 to 1) that stay on the CDN, so that it shows what peer delivery does to the others. */
  readonly holdoutShare: number;
};

/** The terms that one scope sets; the others come from the next wider scope. */
export type Rule = { readonly [Name in keyof Terms]?: Terms[Name] | undefined };

/** The terms in force where these rules apply, the widest first: of two that set the same, the narrower wins. */
export function termsUnder(base: Terms, rules: readonly (Rule | undefined)[]): Terms {
  const pick = <Name extends keyof Terms>(name: Name): Terms[Name] =>
    rules.reduce<Terms[Name]>((wider, rule) => rule?.[name] ?? wider, base[name]);
  return {
    mode: pick("mode"),
    uploadBitsPerSecond: pick("uploadBitsPerSecond"),
    sampleMs: pick("sampleMs"),
    holdoutShare: pick("holdoutShare"),
  };
}

const MODES = ["off", "receive", "share"] as const satisfies readonly Policy["mode"][];

/** The one that allows less. */
export const lesserMode = (a: Policy["mode"], b: Policy["mode"]): Policy["mode"] =>
  MODES.indexOf(a) < MODES.indexOf(b) ? a : b;

/**
 * What one viewer is told. `lot` is a number from 0 to 1 that the viewer draws once for all its visits; those below the share are
 * held out. `most` is what the viewer's network is allowed.
 */
export function policyFor(terms: Terms, lot: number, most: Policy["mode"] = "share"): Policy {
  const { uploadBitsPerSecond, sampleMs } = terms;
  const group = lot < terms.holdoutShare ? "holdout" : "p2p";
  const mode = group === "holdout" ? "off" : lesserMode(terms.mode, most);
  return { mode, group, uploadBitsPerSecond, sampleMs };
}

export const samePolicy = (a: Policy, b: Policy): boolean =>
  a.mode === b.mode &&
  a.group === b.group &&
  a.uploadBitsPerSecond === b.uploadBitsPerSecond &&
  a.sampleMs === b.sampleMs;
