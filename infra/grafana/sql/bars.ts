import { AUDITS } from '../../../shared/window/audit.ts';
import { COVERAGES } from '../../../shared/window/provenance.ts';
import { chosenSymbols, worstOf } from './filters.ts';
import { columnsOf, rowsInRange, tableOf } from './names.ts';
import { CHOSEN_RESOLUTION, SLIDING, withBars } from './resolutions.ts';

const c = columnsOf('candles');

/** What a bar made of several windows says, each from the figures of its windows. */
const FIGURES = {
  open: `min_by(${c.open}, t)`,
  high: `max(${c.high})`,
  low: `min(${c.low})`,
  close: `max_by(${c.close}, t)`,
  volume: `sum(${c.volume})`,
  taker_buy: `sum(${c.taker_buy_volume})`,
  taker_sell: `sum(${c.volume} - ${c.taker_buy_volume})`,
  trades: `sum(${c.trade_count})`,
  vwap: `sum(${c.quote_volume}) / sum(${c.volume})`,
  coverage: worstOf(c.coverage, COVERAGES),
  audit: worstOf(c.audit, AUDITS),
} as const;

export type BarFigure = keyof typeof FIGURES;

/** How bars are drawn. */
export interface BarsOptions {
  /** Adds `sliding_avg`: the mean price of the sliding window that ends with the bar. @default false */
  readonly slidingAverage?: boolean;
  /** An empty point after a bar that no other follows at once, so that no line bridges a hole. @default true */
  readonly breakLines?: boolean;
}

/**
 * SQL that gives bars of the chosen symbols: windows of the chosen resolution merged to bars of one length, as
 * many as the panel has room for. Where nothing was traded, or nothing is known, there is no bar.
 */
export function barsSql(figures: readonly BarFigure[], options: BarsOptions = {}): string {
  const { slidingAverage = false, breakLines = true } = options;
  const inSliding = `${rowsInRange('candles')} AND ${c.resolution} = '${SLIDING.name}' AND ${chosenSymbols(c.symbol)}`;
  const inBars = `${rowsInRange('candles')} AND ${c.resolution} = ${CHOSEN_RESOLUTION} AND ${chosenSymbols(c.symbol)}`;
  const sliding = slidingAverage
    ? `,
sliding AS (
  SELECT ${c.symbol}, bar, max_by(${c.avg_price}, t) AS sliding_avg
  FROM ${withBars(`
    SELECT to_milliseconds(${c.time}) + ${SLIDING.sizeMs - SLIDING.stepMs} AS t, ${c.symbol}, ${c.avg_price}
    FROM ${tableOf('candles')}
    WHERE ${inSliding}`)}
  GROUP BY 1, 2
)`
    : '';
  const breaks = breakLines
    ? `
  UNION ALL
  SELECT ${c.symbol}, bar + bar_ms AS bar
  FROM (SELECT ${c.symbol}, bar, bar_ms, lead(bar) OVER (PARTITION BY ${c.symbol} ORDER BY bar) AS next_bar FROM bars)
  WHERE next_bar > bar + bar_ms`
    : '';
  const columns = [
    ...figures.map((name) => `bars.${name}`),
    ...(slidingAverage ? ['sliding.sliding_avg'] : []),
  ];
  const slidingJoin = slidingAverage
    ? `
LEFT JOIN sliding ON sliding.${c.symbol} = bars.${c.symbol} AND sliding.bar = bars.bar`
    : '';
  return `WITH bars AS (
  SELECT ${c.symbol}, bar, bar_ms, ${figures.map((name) => `${FIGURES[name]} AS ${name}`).join(', ')}
  FROM ${withBars(`
    SELECT to_milliseconds(${c.time}) AS t, *
    FROM $__database.$__table
    WHERE ${inBars}`)}
  WHERE bar >= $__timeFrom
  GROUP BY 1, 2, 3
)${sliding},
points AS (
  SELECT ${c.symbol}, bar FROM bars${breaks}
)
SELECT from_milliseconds(points.bar) AS time, ${columns.join(', ')}
FROM points
LEFT JOIN bars ON bars.${c.symbol} = points.${c.symbol} AND bars.bar = points.bar${slidingJoin}
ORDER BY 1 ASC`;
}
