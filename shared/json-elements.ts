/** An element of a JSON array by its own bytes; not `ended` where the file stopped inside it. */
export interface JsonElement {
  /** From 0. */
  readonly index: number;
  readonly bytes: Buffer;
  readonly ended: boolean;
}

const QUOTE = 34;
const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Cuts a JSON array, given in chunks, into its elements without parsing them. It holds one element at most. */
export class JsonElements {
  #parts: Buffer[] = [];
  #depth = 0;
  #inText = false;
  #escaped = false;
  #within = false;
  #index = 0;
  #closed = false;

  /** Whether the array's closing bracket has been seen. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The elements that this chunk completes. */
  push(chunk: Buffer): JsonElement[] {
    const elements: JsonElement[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length && !this.#closed; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inText = false;
        continue;
      }
      if (this.#depth === 0) {
        if (byte === OPEN) this.#depth = 1;
        continue;
      }
      if (this.#depth === 1 && (byte === COMMA || byte === CLOSE)) {
        if (this.#within) elements.push(this.#take(chunk.subarray(from, at), true));
        if (byte === CLOSE) this.#closed = true;
        continue;
      }
      if (!this.#within) {
        if (byte <= 32) continue;
        this.#within = true;
        from = at;
      }
      if (byte === QUOTE) this.#inText = true;
      else if (byte === OPEN || byte === OPEN_BRACE) this.#depth += 1;
      else if (byte === CLOSE || byte === CLOSE_BRACE) this.#depth -= 1;
    }
    if (this.#within) this.#parts.push(chunk.subarray(from));
    return elements;
  }

  /** What stands of an element that the file's end cut. */
  end(): JsonElement | undefined {
    return this.#within ? this.#take(Buffer.alloc(0), false) : undefined;
  }

  #take(last: Buffer, ended: boolean): JsonElement {
    const whole = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#within = false;
    let end = whole.length;
    while (end > 0 && (whole[end - 1] ?? 0) <= 32) end -= 1;
    this.#index += 1;
    return { index: this.#index - 1, bytes: whole.subarray(0, end), ended };
  }
}

/**
 * Cuts the bytes of a whole JSON array into those of its elements, untouched, so that a REST trade enters the log
 * as the exchange wrote it. Undefined where the bytes are not an array.
 */
export function splitJsonArray(bytes: Buffer): readonly Buffer[] | undefined {
  if (bytes.find((byte) => byte > 32) !== OPEN) return undefined;
  const array = new JsonElements();
  const elements = array.push(bytes);
  return array.closed ? elements.map((element) => element.bytes) : undefined;
}
