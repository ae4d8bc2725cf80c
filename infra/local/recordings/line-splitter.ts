/** The longest line that is kept; a longer one is given cut, as `tooLong`. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;
const KEPT_OF_TOO_LONG = 64 * 1024;

/** One line of a file without its line end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /** Whether a line end follows; false only for the last line of a file. */
  readonly ended: boolean;
  readonly tooLong: boolean;
}

/** Cuts chunks into lines. It holds one unfinished line at most, bounded by {@link MAX_LINE_BYTES}. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #heldBytes = 0;
  #dropping = false;
  #number = 0;

  /** The lines that this chunk completes, in order. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#hold(chunk, from, end);
      lines.push(this.#take(true));
      from = end + 1;
    }
    if (from < chunk.length) this.#hold(chunk, from, chunk.length);
    return lines;
  }

  /** The last line where no line end follows it. */
  end(): Line | undefined {
    return this.#heldBytes === 0 ? undefined : this.#take(false);
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    if (this.#dropping || from === to) return;
    this.#parts.push(chunk.subarray(from, to));
    this.#heldBytes += to - from;
    if (this.#heldBytes <= MAX_LINE_BYTES) return;
    this.#dropping = true;
    this.#parts = [Buffer.from(Buffer.concat(this.#parts).subarray(0, KEPT_OF_TOO_LONG))];
  }

  #take(ended: boolean): Line {
    const [only] = this.#parts;
    const whole =
      this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts, this.#size());
    const bytes = whole.at(-1) === 13 ? whole.subarray(0, -1) : whole;
    const tooLong = this.#dropping;
    this.#parts = [];
    this.#heldBytes = 0;
    this.#dropping = false;
    this.#number += 1;
    return { number: this.#number, bytes, ended, tooLong };
  }

  #size(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }
}
