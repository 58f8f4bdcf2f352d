/** A module of its own, so that the chunk loaded on need holds this hash alone and not the whole SHA-2 family. */
export { sha256 } from "@noble/hashes/sha2.js";
