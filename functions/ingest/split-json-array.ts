const QUOTE = 34;
const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Cuts the bytes of a JSON array into those of its elements, untouched, so that a REST trade enters the log as
 * the exchange wrote it. Undefined where the bytes are not an array.
 */
export function splitJsonArray(bytes: Buffer): readonly Buffer[] | undefined {
  const elements: Buffer[] = [];
  let depth = 0;
  let inText = false;
  let start = -1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
      continue;
    }
    if (depth === 0) {
      if (byte === OPEN) depth = 1;
      else if (byte > 32) return undefined;
      continue;
    }
    if (depth === 1 && (byte === COMMA || byte === CLOSE)) {
      if (start >= 0) elements.push(trimEnd(bytes.subarray(start, at)));
      start = -1;
      if (byte === CLOSE) return elements;
      continue;
    }
    if (start < 0 && byte > 32) start = at;
    if (byte === QUOTE) inText = true;
    else if (byte === OPEN || byte === OPEN_BRACE) depth += 1;
    else if (byte === CLOSE || byte === CLOSE_BRACE) depth -= 1;
  }
  return undefined;
}

function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] ?? 0) <= 32) end -= 1;
  return bytes.subarray(0, end);
}
