import { startBittorrentTracker } from "../../rivals.ts";

const [modules = "", port = ""] = process.argv.slice(2);
await startBittorrentTracker(modules, Number(port));
