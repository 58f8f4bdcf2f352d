/** The binary form of the peer protocol; its layout is told in this folder's README. */
export { decodeFrame } from "./decode.ts";
export { createEncoder, encodeFrame } from "./encode.ts";
export { fitMap } from "./have-map.ts";
