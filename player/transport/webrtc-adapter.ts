/** A module of its own, so that the file it becomes (`shoal-webrtc-adapter.mjs`) has a name that `player.js` can ask for. */
import "webrtc-adapter";
