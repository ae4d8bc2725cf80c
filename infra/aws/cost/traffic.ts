import type { StreamType } from '../../../shared/stream-type.ts';

/**
 * Messages a second of one symbol, on average over a day: a busy pair (the first three of a list are taken to be
 * such) and any other. From the recordings of this project's kind and from 159 USDT pairs of `@trade` that
 * together averaged 376 messages a second in September 2026; peaks are several times that.
 */
export const MESSAGES_A_SECOND: Readonly<
  Record<StreamType, { readonly busy: number; readonly other: number }>
> = {
  trade: { busy: 30, other: 2 },
  aggTrade: { busy: 18, other: 1.5 },
  bookTicker: { busy: 150, other: 15 },
  kline_1m: { busy: 0.5, other: 0.2 },
};

/** Symbols taken to be busy. */
export const BUSY_SYMBOLS = 3;

/** Bytes of a record in the log, compressed, with its header: measured order of magnitude. */
export const LOG_BYTES = { raw: 110, validated: 120 } as const;

/** Messages a second of a set of symbols and streams. */
export function messagesASecond(
  symbols: number,
  streams: readonly StreamType[],
): { readonly trades: number; readonly all: number; readonly quotes: number } {
  const busy = Math.min(symbols, BUSY_SYMBOLS);
  const of = (stream: StreamType): number =>
    streams.includes(stream)
      ? busy * MESSAGES_A_SECOND[stream].busy + (symbols - busy) * MESSAGES_A_SECOND[stream].other
      : 0;
  const all = (Object.keys(MESSAGES_A_SECOND) as StreamType[]).reduce((sum, stream) => sum + of(stream), 0);
  return { trades: of('trade'), quotes: of('bookTicker'), all };
}
