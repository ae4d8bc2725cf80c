import type { MarketSymbol } from '../units.ts';

/** The stream that a combined frame came by, from its envelope alone. */
export interface FramePeek {
  readonly symbol: MarketSymbol;
  readonly stream: 'trade' | 'aggTrade' | 'bookTicker' | 'kline_1m';
}

const STREAMS: readonly FramePeek['stream'][] = ['trade', 'aggTrade', 'bookTicker', 'kline_1m'];
const PREFIX = Buffer.from('{"stream":"');
const QUOTE = 34;
const BACKSLASH = 92;
const MAX_NAME_BYTES = 96;
const MAX_NAMES = 4096;
const known = new Map<string, FramePeek>();

/**
 * Symbol and stream of a combined-stream frame without parsing it; undefined for any other beginning or
 * stream. It says nothing about the rest of the frame. Some 100 ns.
 */
export function peekFrame(bytes: Uint8Array): FramePeek | undefined {
  for (let index = 0; index < PREFIX.length; index += 1) if (bytes[index] !== PREFIX[index]) return undefined;
  const start = PREFIX.length;
  let end = start;
  let isAscii = true;
  while (bytes[end] !== QUOTE) {
    const byte = bytes[end];
    if (byte === undefined || byte === BACKSLASH || end - start === MAX_NAME_BYTES) return undefined;
    if (byte > 127) isAscii = false;
    end += 1;
  }
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const name = view.toString(isAscii ? 'latin1' : 'utf8');
  return known.get(name) ?? learn(name);
}

function learn(name: string): FramePeek | undefined {
  const at = name.indexOf('@');
  const stream = STREAMS.find((candidate) => candidate === name.slice(at + 1));
  if (at <= 0 || stream === undefined) return undefined;
  // The names are a few thousand at most; an attacker's endless ones must not fill the memory.
  if (known.size === MAX_NAMES) known.clear();
  const peek = Object.freeze({ symbol: name.slice(0, at).toUpperCase(), stream });
  known.set(name, peek);
  return peek;
}
