import { startPeerServer } from "../../rivals.ts";

const [modules = "", port = ""] = process.argv.slice(2);
await startPeerServer(modules, Number(port));
