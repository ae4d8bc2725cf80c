import type { RecordHeader } from '../../../shared/log/log.ts';

const NONE: readonly RecordHeader[] = [];

/** Headers as one blob: per header the length of the key, the key, the length of the value, the value. */
export function encodeHeaders(
  headers: readonly (readonly [key: string, value: Uint8Array | string])[],
): Buffer | null {
  if (headers.length === 0) return null;
  let size = 0;
  for (const [key, value] of headers) size += 8 + Buffer.byteLength(key) + Buffer.byteLength(value);
  const blob = Buffer.allocUnsafe(size);
  let at = 0;
  for (const header of headers) {
    for (const part of header) {
      const length = typeof part === 'string' ? blob.write(part, at + 4) : part.length;
      if (typeof part !== 'string') blob.set(part, at + 4);
      blob.writeUInt32LE(length, at);
      at += 4 + length;
    }
  }
  return blob;
}

/** The headers back, in their order; the values are views of the blob. */
export function decodeHeaders(blob: Uint8Array | null): readonly RecordHeader[] {
  if (blob === null) return NONE;
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const headers: RecordHeader[] = [];
  for (let at = 0; at < bytes.length; ) {
    const keyEnd = at + 4 + bytes.readUInt32LE(at);
    const valueEnd = keyEnd + 4 + bytes.readUInt32LE(keyEnd);
    headers.push({
      key: bytes.toString('utf8', at + 4, keyEnd),
      value: bytes.subarray(keyEnd + 4, valueEnd),
    });
    at = valueEnd;
  }
  return headers;
}
