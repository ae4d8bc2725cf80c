import { CodedError } from '../../shared/coded-error.ts';
import type { IdRange } from '../../shared/id-ranges.ts';
import type { Row } from '../../shared/row.ts';
import type { MarketSymbol } from '../../shared/units.ts';

/** What a rebuild folds: the log of validated events, or recordings of the exchange. */
export type RebuildOrigin = 'log' | 'files';

/** There is no trade to fold. */
export function nothingToFold(symbol: MarketSymbol, origin: RebuildOrigin): CodedError {
  const message =
    origin === 'log'
      ? `The log holds no trade of ${symbol} that the candles could hold. Name a symbol that is watched.`
      : `The files hold no trade of ${symbol}. Name files that were recorded of it.`;
  return new CodedError('REBUILD_NOTHING', message, { data: { symbol } });
}

/** To fold without trades that the state counts would lose them. */
export function incomplete(symbol: MarketSymbol, lost: IdRange, origin: RebuildOrigin): CodedError {
  const trades = `the trades ${lost.from} to ${lost.to} of ${symbol}, which the candles count`;
  const message =
    origin === 'log'
      ? `The log does not hold ${trades}. Name a later --from, or recordings that hold them with --files.`
      : `The files do not hold ${trades}. Name more files, or a range in which they hold every trade; it is widened to whole quarters of an hour.`;
  return new CodedError('REBUILD_LOG_INCOMPLETE', message, { data: { symbol, ...lost } });
}

/** Another process was always first. */
export function contended(key: string, times: number): CodedError {
  return new CodedError(
    'REBUILD_CONTENDED',
    `The state of ${key} changed each of the ${times} times that the rebuild was to be written: something else works on it without a pause. Try again; nothing is lost.`,
    { data: { key, times }, canRetry: true },
  );
}

/** The store does not take a row. */
export function rowRefused(symbol: MarketSymbol, row: Row, reason: string): CodedError {
  return new CodedError('REBUILD_ROW_REFUSED', `The store refused a rebuilt row: ${reason}`, {
    data: { symbol, timeNs: row.timeNs },
  });
}

/** The store holds rows with higher versions and other values, whatever the epoch. */
export function outranked(symbol: MarketSymbol, rows: number, epoch: number): CodedError {
  return new CodedError(
    'REBUILD_OUTRANKED',
    `${rows} rows of ${symbol} have a higher version than the rebuilt ones. Run it again: the epoch is higher then.`,
    { data: { symbol, epoch }, canRetry: true },
  );
}
