import { chosenSymbols, countIf } from './filters.ts';
import { columnsOf, rowsInRange, tableOf } from './names.ts';
import { MINUTE, PANE } from './resolutions.ts';

const c = columnsOf('candles');
const s = columnsOf('spreads');
const t = columnsOf('trades');

/** Dead letters that are read at most. */
export const LETTERS_MOST = 1000;

const FROM = 'FROM $__database.$__table';
const inMinutes = `${rowsInRange('candles')} AND ${c.resolution} = '${MINUTE}' AND ${chosenSymbols(c.symbol)}`;
const inPanes = `${rowsInRange('candles')} AND ${c.resolution} = '${PANE}' AND ${chosenSymbols(c.symbol)}`;
const inSpreads = `${rowsInRange('spreads')} AND ${chosenSymbols(s.symbol)}`;
const inTrades = `${rowsInRange('trades')} AND ${chosenSymbols(t.symbol)}`;

/** One series for each value of a column. */
function by(column: string, value: string, where: string): string {
  return `SELECT bin(${c.time}, $__interval_ms) AS time, ${column}, ${value} AS figure
${FROM}
WHERE ${where}
GROUP BY 1, 2
ORDER BY 1 ASC`;
}

/** One row: trades, minutes with gaps and minutes that differ from the exchange’s kline. */
export const TOTALS = `SELECT sum(${c.trade_count}) AS trades, ${countIf(`${c.coverage} = 'gap'`)} AS gap_minutes,
  ${countIf(`${c.audit} = 'differs'`)} AS differing_minutes
${FROM}
WHERE ${inMinutes}`;

/** One row: quotes. */
export const QUOTE_TOTAL = `SELECT sum(${s.update_count}) AS quotes
${FROM}
WHERE ${inSpreads}`;

/** One row: dead letters. */
export const LETTER_TOTAL = `SELECT count(*) AS letters
${FROM}
WHERE ${rowsInRange('dead_letters')}`;

/** For each symbol its newest window in the range and how old that is by the store’s clock, milliseconds. */
export const FRESHNESS = `SELECT symbol, max(newest) AS newest, to_milliseconds(now()) - to_milliseconds(max(newest)) AS age_ms
FROM (
  SELECT ${c.symbol} AS symbol, max(${c.time}) AS newest
  ${FROM}
  WHERE ${inPanes}
  GROUP BY 1
  UNION ALL
  SELECT ${s.symbol} AS symbol, max(${s.time}) AS newest
  FROM ${tableOf('spreads')}
  WHERE ${inSpreads}
  GROUP BY 1
)
GROUP BY 1
ORDER BY 3 DESC`;

/** Distinct trades a second. */
export const TRADE_RATE = `SELECT bin(${c.time}, $__interval_ms) AS time, CAST(sum(${c.trade_count}) AS DOUBLE) * 1000 / $__interval_raw_ms AS trades
${FROM}
WHERE ${inPanes}
GROUP BY 1
ORDER BY 1 ASC`;

/** Distinct quotes a second. */
export const QUOTE_RATE = `SELECT bin(${s.time}, $__interval_ms) AS time, CAST(sum(${s.update_count}) AS DOUBLE) * 1000 / $__interval_raw_ms AS quotes
${FROM}
WHERE ${inSpreads}
GROUP BY 1
ORDER BY 1 ASC`;

/** Percentiles of the time from the exchange to our receipt, milliseconds. */
export const FEED_LATENCY = `SELECT bin(${t.time}, $__interval_ms) AS time, approx_percentile(${t.latency_ms}, 0.5) AS p50,
  approx_percentile(${t.latency_ms}, 0.95) AS p95, approx_percentile(${t.latency_ms}, 0.99) AS p99
${FROM}
WHERE ${inTrades} AND ${t.latency_ms} IS NOT NULL
GROUP BY 1
ORDER BY 1 ASC`;

/** Minutes by coverage. */
export const BY_COVERAGE = by(c.coverage, 'count(*)', inMinutes);

/** Minutes by verdict against the exchange’s kline. */
export const BY_AUDIT = by(c.audit, 'count(*)', inMinutes);

/** Events that changed minutes after they were final, by what became of the minute: the column `reason` is not there before the first correction. */
export const CORRECTIONS = by(c.coverage, `sum(${c.revision})`, `${inMinutes} AND ${c.revision} > 0`);

/** Trades by where they came from. */
export const BY_SOURCE = by(t.source, 'count(*)', inTrades);

/** Dead letters of each interval. */
export const LETTERS = `SELECT bin(time, $__interval_ms) AS time, count(*) AS letters
${FROM}
WHERE ${rowsInRange('dead_letters')}
GROUP BY 1
ORDER BY 1 ASC`;

/**
 * Whole rows, because a table of Timestream has no columns before its first row, and a pipeline may run for
 * months without a dead letter: a query that names one would fail all that time.
 */
export const NEWEST_LETTERS = `SELECT *
${FROM}
WHERE ${rowsInRange('dead_letters')}
ORDER BY time DESC
LIMIT ${LETTERS_MOST}`;
