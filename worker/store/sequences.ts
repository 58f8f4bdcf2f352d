/**
 * Runs of sequence numbers that one session's memory keeps apart; a run more, and the gap below the second one is
 * forgotten.
 */
export const MAX_RUNS = 16;

/**
 * Which sequence numbers of a session were counted: `[start, end)` pairs, ascending and never touching, flat in one
 * array. Nearly always it is the single pair `[0, next)`. A batch that waits for its retry leaves a gap, and is
 * counted when it comes.
 */
export type Sequences = number[];

/**
 * Notes that `seq` was counted; "seen" when it had been before. With more than `MAX_RUNS` runs the lowest gap closes:
 * samples that were still missing in it would then be taken for repeats. They are lost rather than counted twice.
 */
export const note = (sequences: Sequences, seq: number): "new" | "seen" => {
  let at = sequences.length;
  while (at > 0 && (sequences[at - 2] ?? 0) > seq) at -= 2;
  // Now sequences[at - 2] <= seq, if there is a run before `at`; the run at `at` starts behind seq.
  const end = at > 0 ? (sequences[at - 1] ?? 0) : -1;
  if (seq < end) return "seen";

  const joinsBefore = seq === end;
  const joinsAfter = sequences[at] === seq + 1;
  if (joinsBefore && joinsAfter) sequences.splice(at - 1, 2);
  else if (joinsBefore) sequences[at - 1] = seq + 1;
  else if (joinsAfter) sequences[at] = seq;
  else sequences.splice(at, 0, seq, seq + 1);

  if (sequences.length > 2 * MAX_RUNS) sequences.splice(1, 2);
  return "new";
};
