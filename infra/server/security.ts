import type { Middleware } from "koa";
import helmet from "koa-helmet";

/**
 * Security headers of every answer. The pages run only what this server serves; they may fetch from anywhere, since a CDN, a
 * tracker and the stream of `?src=` each have an origin of their own. Nothing here insists on https: a proxy in front
 * that ends TLS is the place for that, and the demo must work on plain http.
 */
export function securityHeaders(): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'", "http:", "https:", "ws:", "wss:"],
        fontSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
        imgSrc: ["'self'", "data:"],
        // `blob:` is Media Source; the rest is for browsers that play HLS by themselves.
        mediaSrc: ["'self'", "blob:", "http:", "https:"],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        workerSrc: ["'self'", "blob:"],
      },
    },
    strictTransportSecurity: false,
    // Browsers ignore it on plain http, and say so loudly in the console.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
}
