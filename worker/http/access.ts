import { createHash, timingSafeEqual } from "node:crypto";

/** Stands for every site. */
export const ANY_SITE = "*";

/** A token and the site whose reports it opens, or `ANY_SITE`. */
export type ReportToken = { readonly site: string; readonly token: string };

/**
 * Who may read reports. `open`: anybody who reaches this server, which is fit for one's own machine. `closed`: nobody, because other
 * machines reach it and no token is set.
 */
export type ReportAccess =
  | { readonly kind: "open" }
  | { readonly kind: "tokens"; readonly tokens: readonly ReportToken[] }
  | { readonly kind: "closed" };

/** The sites that a request may read. */
export type Granted =
  | { readonly kind: "granted"; readonly site: string | typeof ANY_SITE }
  | { readonly kind: "refused"; readonly message: string };

/** Reports are open on the loopback addresses only. */
export const accessOf = (tokens: readonly ReportToken[], host: string): ReportAccess => {
  if (tokens.length > 0) return { kind: "tokens", tokens };
  return isLoopback(host) ? { kind: "open" } : { kind: "closed" };
};

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/** What an `Authorization` header opens. */
export const grant = (access: ReportAccess, authorization: string | undefined): Granted => {
  switch (access.kind) {
    case "open":
      return { kind: "granted", site: ANY_SITE };
    case "closed":
      return {
        kind: "refused",
        message: "Reports are closed: other machines reach this server, and REPORT_TOKENS is not set.",
      };
    case "tokens": {
      const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
      const found = given === undefined ? undefined : access.tokens.find(({ token }) => same(token, given));
      if (found !== undefined) return { kind: "granted", site: found.site };
      return {
        kind: "refused",
        message:
          given === undefined
            ? "Reports need a token: send it as `Authorization: Bearer …`."
            : "This token opens no reports.",
      };
    }
    default:
      return access satisfies never;
  }
};

/** Takes as long whatever the two have in common. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
