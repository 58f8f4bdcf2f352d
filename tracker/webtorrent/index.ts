export { createWebtorrent, type Webtorrent } from "./accept.ts";
