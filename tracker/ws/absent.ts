import type { NodeId } from "../store/index.ts";

/** How long a process that took no mail is left out of introductions, in milliseconds: its members' leases end meanwhile. */
const ABSENT_MS = 5000;

/**
 * Processes that have just taken no mail. A process that was killed leaves its members in the store until their leases end; it
 * takes one bounced mail to see through all of them.
 */
export type AbsentNodes = {
  readonly note: (node: NodeId) => void;
  readonly has: (node: NodeId) => boolean;
  /** That there is none, which is the rule. */
  readonly none: () => boolean;
};

export function createAbsentNodes(clock: () => number): AbsentNodes {
  const until = new Map<NodeId, number>();
  return {
    note(node) {
      until.set(node, clock() + ABSENT_MS);
    },
    has(node) {
      const end = until.get(node);
      if (end === undefined) return false;
      if (clock() < end) return true;
      until.delete(node);
      return false;
    },
    none: () => until.size === 0,
  };
}
