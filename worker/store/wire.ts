/** Bytes as they are written one after the other: whole numbers of any size in as few bytes as they need, and text. */
export class Writer {
  #bytes: Buffer;
  #at = 0;

  constructor(size = 1 << 16) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#at;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  /** Four bytes, the lowest first. */
  fixed(value: number): void {
    this.#room(4);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  /** Writes over four bytes that were written before. */
  fixAt(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value, at);
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first. */
  whole(value: number): void {
    this.#room(8);
    const bytes = this.#bytes;
    let rest = value;
    // Beyond 31 bits, shifting loses what is above.
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) bytes[this.#at++] = (rest % 128) | 128;
    for (; rest > 127; rest >>>= 7) bytes[this.#at++] = (rest & 127) | 128;
    bytes[this.#at++] = rest;
  }

  /** A whole number of either sign, below 2^52. */
  signed(value: number): void {
    this.whole(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): void {
    const length = value.length;
    this.#room(length * 3 + 5);
    const start = this.#at;
    const bytes = this.#bytes;
    this.whole(length);
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 127) {
        this.#at = start;
        this.#longText(value);
        return;
      }
      bytes[this.#at++] = code;
    }
  }

  #longText(value: string): void {
    this.whole(Buffer.byteLength(value));
    this.#at += this.#bytes.write(value, this.#at);
  }

  /** What was written from `start` on; it is not written over. */
  from(start: number): Buffer {
    return this.#bytes.subarray(start, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(wider, 0, 0, this.#at);
    this.#bytes = wider;
  }
}

/** Reads what a `Writer` wrote. @throws RangeError behind the end */
export class Bytes {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError("the bytes end before what is written in them does");
    this.#at += 1;
    return value;
  }

  fixed(): number {
    const value = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  whole(): number {
    let byte = this.byte();
    let value = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      byte = this.byte();
      value += (byte & 127) * scale;
    }
    return value;
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const length = this.whole();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("the bytes end before what is written in them does");
    const text = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end;
    return text;
  }
}
