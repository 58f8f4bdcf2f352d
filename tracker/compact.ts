/** Longest text that is copied here, in characters. */
const LENGTH = 64;
const scratch = Buffer.alloc(LENGTH);

/**
 * The first `length` characters of an ASCII text, as a text of its own. V8 keeps the whole of a text that a part was cut from, and both
 * halves of one that was put together; what a process holds for each of its viewers should weigh no more than it says.
 */
export function compact(ascii: string, length: number): string {
  scratch.write(ascii, "latin1");
  return scratch.toString("latin1", 0, length);
}
