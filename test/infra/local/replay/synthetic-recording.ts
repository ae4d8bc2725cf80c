import type { RecordedItem } from '../../../../infra/local/recordings/recorded-item.ts';
import type { ReplayedRecording } from '../../../../infra/local/replay/replay.ts';

/** The start of the made-up recordings, in microseconds. */
export const START_US = 1_723_161_600_000_000;

/** A trade frame as the exchange sends it. `afterMs` counts from {@link START_US}. */
export function tradeItem(symbol: string, id: number, afterMs: number, price = '100.5'): RecordedItem {
  const at = START_US / 1_000 + afterMs;
  const bytes = Buffer.from(
    `{"stream":"${symbol.toLowerCase()}@trade","data":{"e":"trade","E":${at},"s":"${symbol}","t":${id},"p":"${price}","q":"0.5","T":${at},"m":true,"M":true}}`,
  );
  return frame(symbol, 'trade', bytes, afterMs);
}

/** A quote frame. */
export function quoteItem(symbol: string, updateId: number, afterMs: number): RecordedItem {
  const bytes = Buffer.from(
    `{"stream":"${symbol.toLowerCase()}@bookTicker","data":{"u":${updateId},"s":"${symbol}","b":"100.4","B":"1","a":"100.6","A":"2"}}`,
  );
  return frame(symbol, 'bookTicker', bytes, afterMs);
}

/** A line that nobody can read. */
export function unreadableItem(text: string, afterMs: number): RecordedItem {
  return {
    kind: 'unreadable',
    place: { file: 'made-up', line: 0 },
    receivedUs: START_US + afterMs * 1_000,
    bytes: Buffer.from(text),
    error: 'no format fits',
  };
}

export function recordingOf(items: readonly RecordedItem[]): ReplayedRecording {
  const symbols = new Set(items.flatMap((item) => ('symbol' in item ? [item.symbol] : [])));
  return {
    symbols: [...symbols],
    async *items() {
      yield* items;
    },
  };
}

function frame(symbol: string, stream: 'trade' | 'bookTicker', bytes: Buffer, afterMs: number): RecordedItem {
  const place = { file: 'made-up', line: 0 };
  return { kind: 'frame', place, receivedUs: START_US + afterMs * 1_000, symbol, stream, bytes };
}
