export { createFetchCdn } from "./fetch-cdn.ts";
export { createLoaderCdn, type LoaderClass } from "./loader-cdn.ts";
