import type { MarketFrame } from '../market/market-frame.ts';
import type { RecordedItem } from '../recordings/recorded-item.ts';

/**
 * The frame that an item of a recording stands for: a recorded frame's payload byte for byte (whatever unit of
 * time it was recorded in), a REST trade as the `trade` that it was. Undefined for all else.
 */
export function recordedFrame(item: RecordedItem): MarketFrame | undefined {
  if (item.kind === 'frame') {
    const stream = `${item.symbol.toLowerCase()}@${item.stream}`;
    return { stream, atUs: item.receivedUs, payload: () => payloadOf(item.bytes.toString()) };
  }
  if (item.kind !== 'rest-trade') return undefined;
  const stream = `${item.symbol.toLowerCase()}@trade`;
  return { stream, atUs: item.receivedUs, payload: () => tradeOf(item.symbol, item.bytes.toString()) };
}

/** What stands in a combined stream's envelope; a frame that has another layout goes out as its `data` written anew. */
function payloadOf(frame: string): string {
  const start = /^\{"stream":"[^"]*","data":/.exec(frame)?.[0];
  if (start !== undefined && frame.endsWith('}')) return frame.slice(start.length, -1);
  try {
    const value: unknown = JSON.parse(frame);
    if (typeof value === 'object' && value !== null && 'data' in value) return JSON.stringify(value.data);
  } catch {
    // A malformed frame goes out malformed.
  }
  return frame;
}

function tradeOf(symbol: string, rest: string): string {
  const trade: unknown = JSON.parse(rest);
  const { id, price, qty, time, isBuyerMaker }: Record<string, unknown> =
    typeof trade === 'object' && trade !== null ? { ...trade } : {};
  return JSON.stringify({
    e: 'trade',
    E: time,
    s: symbol,
    t: id,
    p: price,
    q: qty,
    T: time,
    m: isBuyerMaker,
    M: true,
  });
}
