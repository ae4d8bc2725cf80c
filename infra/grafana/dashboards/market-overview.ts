import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS } from '../../../shared/dashboards.ts';
import { TABLES, type TableName } from '../../../shared/tables.ts';
import { AUDITS } from '../../../shared/window/audit.ts';
import { COVERAGES } from '../../../shared/window/provenance.ts';
import { figures, list } from '../panels/figures.ts';
import { candles, graph, words } from '../panels/graphs.ts';
import { NUMBERS, property, steps } from '../panels/panel.ts';
import { barsSql } from '../sql/bars.ts';
import { chosenSymbols, countIf, VARIABLES, worstOf } from '../sql/filters.ts';
import { columnsOf, rowsInRange, tableOf } from '../sql/names.ts';
import { MINUTE, PANE, SLIDING, SUITING_RESOLUTION } from '../sql/resolutions.ts';
import { FORMAT, type Format, timestreamQuery } from '../timestream-query.ts';
import { shell } from './shell.ts';

const c = columnsOf('candles');
const s = columnsOf('spreads');
const NO_TRADES =
  'No trade of the chosen symbols in this range. Widen the range, choose another symbol, or see Pipeline health.';
const NO_QUOTES = 'No quote of the chosen symbols in this range: is bookTicker among the watched streams?';

const LAST_PRICES = `SELECT bin(${c.time}, $__interval_ms) AS time, ${c.symbol}, max_by(${c.close}, ${c.time}) AS price
FROM $__database.$__table
WHERE ${rowsInRange('candles')} AND ${c.resolution} = ${SUITING_RESOLUTION} AND ${chosenSymbols(c.symbol)}
GROUP BY 1, 2
ORDER BY 1 ASC`;

const SYMBOL_TABLE = `WITH traded AS (
  SELECT ${c.symbol}, max_by(${c.close}, ${c.time}) AS price, min_by(${c.open}, ${c.time}) AS first_price,
    max(${c.high}) AS high, min(${c.low}) AS low, sum(${c.volume}) AS volume, sum(${c.quote_volume}) AS quote_volume,
    sum(${c.trade_count}) AS trades, ${worstOf(c.coverage, COVERAGES)} AS coverage,
    ${countIf(`${c.coverage} = 'gap'`)} AS gap_windows
  FROM $__database.$__table
  WHERE ${rowsInRange('candles')} AND ${c.resolution} = ${SUITING_RESOLUTION} AND ${chosenSymbols(c.symbol)}
  GROUP BY 1
), audited AS (
  SELECT ${c.symbol}, ${worstOf(c.audit, AUDITS)} AS audit
  FROM $__database.$__table
  WHERE ${rowsInRange('candles')} AND ${c.resolution} = '${MINUTE}' AND ${chosenSymbols(c.symbol)}
  GROUP BY 1
), quoted AS (
  SELECT ${s.symbol}, max_by(${s.last_bid}, ${s.time}) AS bid, max_by(${s.last_ask}, ${s.time}) AS ask,
    max_by(${s.avg_spread_bps}, ${s.time}) AS spread_bps
  FROM ${tableOf('spreads')}
  WHERE ${rowsInRange('spreads')} AND ${chosenSymbols(s.symbol)}
  GROUP BY 1
)
SELECT traded.${c.symbol} AS symbol, price, (price / first_price - 1) * 100 AS change, high, low, volume, quote_volume,
  trades, bid, ask, spread_bps, coverage, gap_windows, audit
FROM traded
LEFT JOIN audited ON audited.${c.symbol} = traded.${c.symbol}
LEFT JOIN quoted ON quoted.${s.symbol} = traded.${c.symbol}
ORDER BY quote_volume DESC`;

const SPREADS = `SELECT bin(${s.time}, $__interval_ms) AS time,
  sum(${s.avg_spread_bps} * ${s.update_count}) / sum(${s.update_count}) AS mean,
  min(${s.min_spread_bps}) AS least, max(${s.max_spread_bps}) AS most
FROM $__database.$__table
WHERE ${rowsInRange('spreads')} AND ${chosenSymbols(s.symbol)}
GROUP BY 1
ORDER BY 1 ASC`;

/** Prices, candles, volume and spread of each symbol, and whether they can be trusted. */
export function marketOverview(database: string): Dashboard {
  const query = (sql: string, format: Format, table: TableName = TABLES.candles) => [
    timestreamQuery({ sql, format, table, database }),
  ];
  return shell({
    uid: DASHBOARD_UIDS.market,
    title: 'Market overview',
    description:
      'Prices, candles, volume and spread of each symbol, with what is known of their completeness.',
    database,
    resolution: true,
  })
    .withPanel(
      figures({
        id: 1,
        title: 'Last price',
        description:
          'Close of the newest window of each symbol, its course over the range, and the change against its beginning.',
        empty: NO_TRADES,
        width: 24,
        height: 4,
        maxPoints: 120,
        minInterval: PANE,
        curve: true,
        change: true,
        targets: query(LAST_PRICES, FORMAT.timeSeries),
        overrides: [{ field: NUMBERS, properties: [property.name(`\${__field.labels.${c.symbol}}`)] }],
      }),
    )
    .withPanel(
      list({
        id: 2,
        title: 'Symbols',
        description:
          'The range in one line for each symbol. Coverage is the worst of its windows: a gap says that trades are known to be missing. Audit is the worst verdict of its minutes against the exchange’s own klines; unwitnessed means that there was none to compare.',
        empty: NO_TRADES,
        width: 24,
        height: 6,
        maxPoints: 600,
        sortBy: 'Quote volume',
        targets: query(SYMBOL_TABLE, FORMAT.table),
        overrides: [
          { field: 'symbol', properties: [property.name('Symbol')] },
          { field: 'price', properties: [property.name('Price')] },
          {
            field: 'change',
            properties: [property.name('Change'), property.unit('percent'), property.decimals(2)],
          },
          { field: 'high', properties: [property.name('High')] },
          { field: 'low', properties: [property.name('Low')] },
          { field: 'volume', properties: [property.name('Volume'), property.unit('short')] },
          { field: 'quote_volume', properties: [property.name('Quote volume'), property.unit('short')] },
          { field: 'trades', properties: [property.name('Trades'), property.unit('short')] },
          { field: 'bid', properties: [property.name('Bid')] },
          { field: 'ask', properties: [property.name('Ask')] },
          { field: 'spread_bps', properties: [property.name('Spread, bps'), property.decimals(3)] },
          { field: 'coverage', properties: [property.name('Coverage'), property.coloredText()] },
          { field: 'gap_windows', properties: [property.name('Windows with gaps')] },
          { field: 'audit', properties: [property.name('Audit'), property.coloredText()] },
        ],
      }),
    )
    .withRow(new RowBuilder(`$${VARIABLES.symbol}`).id(10).repeat(VARIABLES.symbol))
    .withPanel(
      candles({
        id: 11,
        title: `$${VARIABLES.symbol} candles`,
        description: `Candles of the chosen resolution, merged to longer ones where the range asks for it, with the volume-weighted price of each and the mean price of the ${SLIDING.name} window that ends with it. Where nothing was traded there is no candle; the bar in which the range begins is left out.`,
        empty: NO_TRADES,
        width: 16,
        height: 12,
        maxPoints: 400,
        minInterval: PANE,
        targets: query(
          barsSql(['open', 'high', 'low', 'close', 'volume', 'vwap'], { slidingAverage: true }),
          FORMAT.table,
        ),
        overrides: [
          { field: 'vwap', properties: [property.name('VWAP'), property.color('purple')] },
          { field: 'sliding_avg', properties: [property.name('Sliding average'), property.color('orange')] },
          { field: 'volume', properties: [property.name('Volume'), property.unit('short')] },
        ],
      }),
    )
    .withPanel(
      graph({
        id: 12,
        title: 'Volume by side',
        description: 'Base volume of each bar, split by who took: buyers or sellers.',
        empty: NO_TRADES,
        width: 8,
        height: 12,
        unit: 'short',
        maxPoints: 200,
        minInterval: PANE,
        draw: 'stacked bars',
        legend: ['sum'],
        targets: query(barsSql(['taker_buy', 'taker_sell'], { breakLines: false }), FORMAT.table),
        overrides: [
          { field: 'taker_buy', properties: [property.name('Buyers took'), property.color('green')] },
          { field: 'taker_sell', properties: [property.name('Sellers took'), property.color('red')] },
        ],
      }),
    )
    .withPanel(
      graph({
        id: 13,
        title: 'Trades',
        description: 'Distinct trades of each bar, counted once by the exchange’s id.',
        empty: NO_TRADES,
        width: 8,
        height: 7,
        unit: 'short',
        maxPoints: 200,
        minInterval: PANE,
        draw: 'bars',
        legend: ['sum'],
        targets: query(barsSql(['trades'], { breakLines: false }), FORMAT.table),
        overrides: [{ field: 'trades', properties: [property.name('Trades')] }],
      }),
    )
    .withPanel(
      graph({
        id: 14,
        title: 'Spread',
        description:
          'Ask less bid in basis points of the mid: mean over all updates of the interval, least and most. Quotes have no time of their own; these are by receipt.',
        empty: NO_QUOTES,
        width: 8,
        height: 7,
        unit: 'none',
        decimals: 3,
        maxPoints: 400,
        minInterval: '30s',
        draw: 'lines',
        legend: ['lastNotNull', 'max'],
        targets: query(SPREADS, FORMAT.table, TABLES.spreads),
        overrides: [
          { field: 'mean', properties: [property.name('Mean, bps')] },
          { field: 'least', properties: [property.name('Least, bps')] },
          { field: 'most', properties: [property.name('Most, bps')] },
        ],
      }),
    )
    .withPanel(
      words({
        id: 15,
        title: 'Coverage and audit',
        description:
          'For each bar the worst coverage of its windows and their worst verdict against the exchange’s kline. Red: trades are known to be missing, or a candle differs. No cell: nothing was traded, or nothing is known. Audits are made of minutes and what is longer.',
        empty: NO_TRADES,
        width: 8,
        height: 7,
        maxPoints: 120,
        minInterval: PANE,
        targets: query(barsSql(['coverage', 'audit'], { breakLines: false }), FORMAT.table),
        thresholds: steps([[null, 'text']]),
        overrides: [
          { field: 'coverage', properties: [property.name('Coverage')] },
          { field: 'audit', properties: [property.name('Audit')] },
        ],
      }),
    )
    .build();
}
