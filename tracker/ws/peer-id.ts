import { randomInt } from "node:crypto";
import { nanoid } from "nanoid";
import { compact } from "../compact.ts";
import { NODE_ID_LENGTH, PEER_ID_LENGTH, type PeerId } from "../protocol/index.ts";
import type { NodeId } from "../store/index.ts";

const NODE_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";

/** A name for this process, out of 1.7 million. */
export const createNodeId = (): NodeId =>
  Array.from({ length: NODE_ID_LENGTH }, () => NODE_LETTERS[randomInt(NODE_LETTERS.length)]).join("") as NodeId;

/** A peer id that nobody can guess: an identity of 108 random bits, or one that there was before, behind the process's name. */
export const createPeerId = (node: NodeId, identity = nanoid(PEER_ID_LENGTH - NODE_ID_LENGTH)): PeerId =>
  compact(node + identity, PEER_ID_LENGTH) as PeerId;
