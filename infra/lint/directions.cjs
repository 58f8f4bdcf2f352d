/** Which room may import which. A broken rule fails the build with its comment. */
const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    rule(
      "no-circles",
      "Files that import each other cannot be read one at a time: move what they share below both.",
      {},
      { circular: true },
    ),
    rule(
      "ground-floor",
      "tracker/protocol is the ground floor: it imports no other room.",
      { path: "^tracker/protocol/" },
      { path: "^(tracker/(?!protocol/)|player/|worker/|infra/|test/)" },
    ),
    rule(
      "protocols-are-leaves",
      "player/protocol and worker/protocol may use tracker/protocol only.",
      { path: "^(player|worker)/protocol/" },
      { path: "^(tracker/(?!protocol/)|player/(?!protocol/)|worker/(?!protocol/)|infra/|test/)" },
    ),
    rule(
      "worker-protocol-knows-no-player",
      "worker/protocol may use tracker/protocol only.",
      { path: "^worker/protocol/" },
      { path: "^player/" },
    ),
    rule(
      "tracker-meets-others-by-protocol",
      "The tracker knows players and workers by their protocol alone.",
      { path: "^tracker/" },
      { path: "^((player|worker)/(?!protocol/)|infra/|test/)" },
    ),
    rule(
      "player-meets-others-by-protocol",
      "The player knows tracker and worker by their protocol alone.",
      { path: "^player/" },
      { path: "^((tracker|worker)/(?!protocol/)|infra/|test/)" },
    ),
    rule(
      "worker-meets-others-by-protocol",
      "The worker knows tracker and player by their protocol alone.",
      { path: "^worker/" },
      { path: "^((tracker|player)/(?!protocol/)|infra/|test/)" },
    ),
    rule(
      "pure-swarm",
      "tracker/swarm is pure: events and time in, decisions out. It imports protocol only.",
      { path: "^tracker/swarm/" },
      { path: "^(tracker/(?!swarm/|protocol/)|node:)", dependencyTypesNot: ["npm"] },
    ),
    rule(
      "pure-engine",
      "player/engine is sans-I/O: it imports protocols only, no library and no other room of the player.",
      { path: "^player/engine/" },
      { pathNot: "^(player/(engine|protocol)/|tracker/protocol/|worker/protocol/)" },
    ),
    rule(
      "storage-stands-alone",
      "player/storage keeps bytes by segment id: it imports the protocols of player and tracker only, no library and no other room.",
      { path: "^player/storage/" },
      { pathNot: "^(player/(storage|protocol)/|tracker/protocol/)" },
    ),
    rule(
      "overlay-looks-from-outside",
      "player/overlay shows what any page could ask of a session: it imports the session's types and the worker's protocol only.",
      { path: "^player/overlay/" },
      { pathNot: "^(player/overlay/|player/embed/api\\.ts$|worker/protocol/|tracker/protocol/)" },
    ),
    rule(
      "pure-reports",
      "worker/reports is pure: samples in, sums out. It imports protocols only.",
      { path: "^worker/reports/" },
      { path: "^(worker/(?!reports/|protocol/)|node:)", dependencyTypesNot: ["npm"] },
    ),
    rule(
      "hls-in-one-place",
      "Only player/hls and player/embed (and the demo page) know hls.js.",
      { path: "^(player/(?!hls/|embed/)|tracker/|worker/)" },
      { path: "node_modules/hls\\.js" },
    ),
    rule(
      "webrtc-in-one-place",
      "Only player/transport knows simple-peer and webrtc-adapter.",
      { path: "^(player/(?!transport/)|tracker/|worker/|infra/)" },
      { path: "node_modules/(simple-peer|webrtc-adapter)" },
    ),
    rule(
      "servers-load-no-bundler",
      "vite takes memory that a server would keep: bundles are built by a process of their own.",
      { path: "^infra/start/" },
      { path: "node_modules/(vite|terser)/", reachable: true },
    ),
    rule(
      "tests-stand-outside",
      "Nothing but tests imports tests.",
      { path: "^(tracker|player|worker|infra)/" },
      { path: "^test/" },
    ),
    rule(
      "everything-is-found",
      "An import that leads nowhere (the bench installs its rival itself).",
      {},
      { couldNotResolve: true, pathNot: "^p2p-media-loader-hlsjs$" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
