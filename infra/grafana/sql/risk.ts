import { SEVERITIES } from '../../../shared/events/signal.ts';
import { chosenSymbols, countIf } from './filters.ts';
import { columnsOf, rowsInRange } from './names.ts';
import { MINUTE, PANE, SLIDING } from './resolutions.ts';

const c = columnsOf('candles');
const s = columnsOf('spreads');
const g = columnsOf('signals');

/** Rows that a table shows at most. */
export const ROWS_MOST = 200;

const inSignals = `${rowsInRange('signals')} AND ${chosenSymbols(g.symbol)}`;
const inCandles = (resolution: string): string =>
  `${rowsInRange('candles')} AND ${c.resolution} = '${resolution}' AND ${chosenSymbols(c.symbol)}`;
const inSpreads = `${rowsInRange('spreads')} AND ${chosenSymbols(s.symbol)}`;

/** One series for each symbol: the value of an interval. */
function bySymbol(value: string, where: string): string {
  return `SELECT bin(${c.time}, $__interval_ms) AS time, ${c.symbol}, ${value} AS figure
FROM $__database.$__table
WHERE ${where}
GROUP BY 1, 2
ORDER BY 1 ASC`;
}

/** One row: how many signals of each severity opened in the range. */
export const BY_SEVERITY = `SELECT ${SEVERITIES.toReversed()
  .map((severity) => `${countIf(`${g.severity} = '${severity}'`)} AS ${severity}`)
  .join(', ')}
FROM $__database.$__table
WHERE ${inSignals}`;

/** Signals that opened in each interval, a series for each kind. */
export const BY_KIND = `SELECT bin(${g.time}, $__interval_ms) AS time, ${g.kind}, count(*) AS signals
FROM $__database.$__table
WHERE ${inSignals}
GROUP BY 1, 2
ORDER BY 1 ASC`;

/** The newest signals, with how many thresholds each measured. */
export const NEWEST_SIGNALS = `SELECT ${g.time} AS time, ${g.symbol} AS symbol, ${g.kind} AS kind, ${g.severity} AS severity, ${g.state} AS state,
  ${g.value} AS measured, ${g.threshold} AS threshold, ${g.value} / ${g.threshold} AS times, ${g.opened_by} AS opened_by
FROM $__database.$__table
WHERE ${inSignals}
ORDER BY 1 DESC
LIMIT ${ROWS_MOST}`;

/** Minutes and panes whose own flags say that they stand out. */
export const FLAGGED_WINDOWS = `SELECT ${c.time} AS time, ${c.symbol} AS symbol, ${c.resolution} AS resolution,
  CASE WHEN ${c.resolution} = '${MINUTE}' THEN 'volatility' ELSE 'volume spike' END AS flag,
  ${c.price_stddev} AS deviation, ${c.price_stddev} / ${c.avg_price} * 10000 AS deviation_bps, ${c.volume} AS volume, ${c.coverage} AS coverage
FROM $__database.$__table
WHERE ${rowsInRange('candles')} AND ${chosenSymbols(c.symbol)}
  AND ((${c.resolution} = '${MINUTE}' AND ${c.volatility_alert}) OR (${c.resolution} = '${PANE}' AND ${c.volume_spike}))
ORDER BY 1 DESC
LIMIT ${ROWS_MOST}`;

/** Windows whose largest spread is a multiple of their smallest. */
export const SPREAD_WARNINGS = `SELECT ${s.time} AS time, ${s.symbol} AS symbol, ${s.min_spread_bps} AS least, ${s.avg_spread_bps} AS mean,
  ${s.max_spread_bps} AS most, ${s.update_count} AS updates, ${s.last_bid} AS bid, ${s.last_ask} AS ask
FROM $__database.$__table
WHERE ${inSpreads} AND ${s.spread_warning}
ORDER BY 1 DESC
LIMIT ${ROWS_MOST}`;

/** Panes with a whale trade. */
export const WHALES = `SELECT ${c.time} AS time, ${c.symbol} AS symbol, ${c.whale_count} AS whales, ${c.largest_trade} AS largest,
  ${c.quote_volume} AS quote_volume, ${c.buy_sell_ratio} AS ratio, ${c.close} AS price
FROM $__database.$__table
WHERE ${inCandles(PANE)} AND ${c.whale_count} > 0
ORDER BY 1 DESC
LIMIT ${ROWS_MOST}`;

/** Deviation of a minute’s prices in basis points of their mean; the most of an interval. */
export const VOLATILITY = bySymbol(`max(${c.price_stddev} / ${c.avg_price} * 10000)`, inCandles(MINUTE));

/** Of an interval the score that is farthest from zero. */
export const Z_SCORES = `SELECT bin(${c.time}, $__interval_ms) AS time, ${c.symbol}, max_by(z, abs(z)) AS figure
FROM (
  SELECT ${c.time}, ${c.symbol}, (${c.close} - ${c.avg_price}) / ${c.price_stddev} AS z
  FROM $__database.$__table
  WHERE ${inCandles(SLIDING.name)} AND ${c.price_stddev} > 0
)
GROUP BY 1, 2
ORDER BY 1 ASC`;

/** Base volume of a pane; the most of an interval. */
export const PANE_VOLUME = bySymbol(`max(${c.volume})`, inCandles(PANE));

/** Taker buy less taker sell volume as a part of both, -1 to 1. */
export const IMBALANCE = bySymbol(
  `(2 * sum(${c.taker_buy_volume}) - sum(${c.volume})) / sum(${c.volume})`,
  inCandles(MINUTE),
);

/** Largest spread of an interval in basis points. */
export const WIDEST_SPREAD = bySymbol(`max(${s.max_spread_bps})`, inSpreads);

/** Whale trades of an interval. */
export const WHALE_COUNT = bySymbol(`sum(${c.whale_count})`, inCandles(PANE));
