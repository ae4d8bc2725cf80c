import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS } from '../../../shared/dashboards.ts';
import { SEVERITIES } from '../../../shared/events/signal.ts';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { TABLES, type TableName } from '../../../shared/tables.ts';
import { figures, list } from '../panels/figures.ts';
import { graph } from '../panels/graphs.ts';
import { NUMBERS, property, steps } from '../panels/panel.ts';
import { WORD_COLORS } from '../panels/words.ts';
import { columnsOf } from '../sql/names.ts';
import { MINUTE, PANE, SLIDING } from '../sql/resolutions.ts';
import * as sql from '../sql/risk.ts';
import { FORMAT, type Format, timestreamQuery } from '../timestream-query.ts';
import { shell } from './shell.ts';

const c = columnsOf('candles');
const g = columnsOf('signals');
/** The thresholds of symbols that have none of their own. */
const LIMITS = thresholdsFor('');

const NO_SIGNALS = 'No signal in this range: nothing passed its threshold (docs/signals.md).';
/** Timestream makes columns of what is written. */
const UNTIL_FIRST =
  'Until the first signal ever the table has no columns, and Timestream says that one does not exist.';
const NO_TRADES = 'No trade of the chosen symbols in this range.';
const NO_QUOTES = 'No quote of the chosen symbols in this range: is bookTicker among the watched streams?';
const BY_SYMBOL = [{ field: NUMBERS, properties: [property.name(`\${__field.labels.${c.symbol}}`)] }];

/** Signals, anomalies and the figures that they are judged by. */
export function riskMonitor(database: string): Dashboard {
  const query = (sql: string, format: Format, table: TableName = TABLES.candles) => [
    timestreamQuery({ sql, format, table, database }),
  ];
  const when = { field: 'time', properties: [property.name('Time'), property.width(190)] };
  const symbol = { field: 'symbol', properties: [property.name('Symbol'), property.width(110)] };
  return shell({
    uid: DASHBOARD_UIDS.risk,
    title: 'Risk monitor',
    description:
      'Market signals, the windows and quotes that stand out, and the figures that they are judged by.',
    database,
  })
    .withPanel(
      figures({
        id: 1,
        title: 'Signals by severity',
        description: `Signals that opened in the range. A severity rises by one step at a multiple of the threshold. ${UNTIL_FIRST}`,
        empty: NO_SIGNALS,
        width: 6,
        height: 8,
        targets: query(sql.BY_SEVERITY, FORMAT.table, TABLES.signals),
        overrides: SEVERITIES.map((severity) => ({
          field: severity,
          properties: [property.color(WORD_COLORS[severity] ?? 'text')],
        })),
      }),
    )
    .withPanel(
      graph({
        id: 2,
        title: 'Signals by kind',
        description:
          'Signals that opened in each interval. What a kind means and when it fires: docs/signals.md.',
        empty: NO_SIGNALS,
        width: 18,
        height: 8,
        unit: 'short',
        maxPoints: 200,
        minInterval: PANE,
        draw: 'stacked bars',
        legend: ['sum'],
        targets: query(sql.BY_KIND, FORMAT.timeSeries, TABLES.signals),
        overrides: [{ field: NUMBERS, properties: [property.name(`\${__field.labels.${g.kind}}`)] }],
      }),
    )
    .withPanel(
      list({
        id: 3,
        title: 'Newest signals',
        description: `The newest ${sql.ROWS_MOST}. Measured is the figure at the opening, once cleared the highest while it was open; Times is how many thresholds that is. Opened by is the trade’s id, for spreads the quote’s update id. ${UNTIL_FIRST}`,
        empty: NO_SIGNALS,
        width: 24,
        height: 9,
        sortBy: 'Time',
        targets: query(sql.NEWEST_SIGNALS, FORMAT.table, TABLES.signals),
        overrides: [
          when,
          symbol,
          { field: 'kind', properties: [property.name('Kind')] },
          { field: 'severity', properties: [property.name('Severity'), property.coloredText()] },
          { field: 'state', properties: [property.name('State')] },
          { field: 'measured', properties: [property.name('Measured')] },
          { field: 'threshold', properties: [property.name('Threshold')] },
          { field: 'times', properties: [property.name('Times'), property.decimals(2)] },
          { field: 'opened_by', properties: [property.name('Opened by'), property.unit('none')] },
        ],
      }),
    )
    .withPanel(
      graph({
        id: 4,
        title: 'Volatility of a minute',
        description:
          'Sample deviation of the prices of a minute in basis points of their mean; the most of an interval. The line is the default threshold of volatility-bps.',
        empty: NO_TRADES,
        width: 12,
        height: 8,
        unit: 'none',
        decimals: 2,
        minInterval: MINUTE,
        draw: 'lines',
        legend: ['lastNotNull', 'max'],
        drawThresholds: true,
        thresholds: steps([
          [null, 'green'],
          [LIMITS.volatilityBps, 'red'],
        ]),
        targets: query(sql.VOLATILITY, FORMAT.timeSeries),
        overrides: BY_SYMBOL,
      }),
    )
    .withPanel(
      graph({
        id: 5,
        title: 'z-score of the price',
        description: `Last price of the ${SLIDING.name} window less its mean, in its deviations; of an interval the one farthest from zero. The lines are the default threshold of price-spike, which also asks for ${LIMITS.priceSpikeMinBps} basis points.`,
        empty: `${NO_TRADES} A window of one trade, or of one price, has no deviation.`,
        width: 12,
        height: 8,
        unit: 'none',
        decimals: 2,
        minInterval: PANE,
        draw: 'lines',
        legend: ['lastNotNull', 'min', 'max'],
        axisSoftMin: null,
        drawThresholds: true,
        thresholds: steps([
          [null, 'red'],
          [-LIMITS.priceSpikeDeviations, 'green'],
          [LIMITS.priceSpikeDeviations, 'red'],
        ]),
        targets: query(sql.Z_SCORES, FORMAT.timeSeries),
        overrides: BY_SYMBOL,
      }),
    )
    .withPanel(
      graph({
        id: 6,
        title: 'Volume of 10 seconds',
        description:
          'Base volume of a 10 s window; the most of an interval. Symbols trade in units of their own: compare each with itself. Thresholds differ by symbol and stand in shared/signals/thresholds.json.',
        empty: NO_TRADES,
        width: 12,
        height: 8,
        unit: 'short',
        minInterval: PANE,
        draw: 'bars',
        legend: ['mean', 'max'],
        targets: query(sql.PANE_VOLUME, FORMAT.timeSeries),
        overrides: BY_SYMBOL,
      }),
    )
    .withPanel(
      graph({
        id: 7,
        title: 'Imbalance of a minute',
        description:
          'Taker buy less taker sell volume of a minute, as a part of both: 1 all buyers, -1 all sellers; the mean of an interval weighted by volume.',
        empty: NO_TRADES,
        width: 12,
        height: 8,
        unit: 'none',
        decimals: 2,
        minInterval: MINUTE,
        draw: 'lines',
        legend: ['lastNotNull', 'min', 'max'],
        axisSoftMin: -1,
        drawThresholds: true,
        thresholds: steps([
          [null, 'red'],
          [-LIMITS.imbalance, 'green'],
          [LIMITS.imbalance, 'red'],
        ]),
        targets: query(sql.IMBALANCE, FORMAT.timeSeries),
        overrides: BY_SYMBOL,
      }),
    )
    .withPanel(
      list({
        id: 8,
        title: 'Windows that stand out',
        description: `Minutes above the volatility threshold and 10 s windows above the volume threshold, as the row’s own flags say; the newest ${sql.ROWS_MOST}.`,
        empty: 'No window of the range is above its volatility or volume threshold.',
        width: 24,
        height: 8,
        sortBy: 'Time',
        targets: query(sql.FLAGGED_WINDOWS, FORMAT.table),
        overrides: [
          when,
          symbol,
          { field: 'resolution', properties: [property.name('Window')] },
          { field: 'flag', properties: [property.name('Flag')] },
          { field: 'deviation', properties: [property.name('Deviation'), property.decimals(4)] },
          { field: 'deviation_bps', properties: [property.name('Deviation, bps'), property.decimals(2)] },
          { field: 'volume', properties: [property.name('Volume')] },
          { field: 'coverage', properties: [property.name('Coverage'), property.coloredText()] },
        ],
      }),
    )
    .withPanel(
      graph({
        id: 9,
        title: 'Widest spread',
        description:
          'Largest spread of an interval in basis points of the mid. The line is the default threshold of wide-spread-bps.',
        empty: NO_QUOTES,
        width: 12,
        height: 8,
        unit: 'none',
        decimals: 3,
        minInterval: '30s',
        draw: 'lines',
        legend: ['lastNotNull', 'max'],
        drawThresholds: true,
        thresholds: steps([
          [null, 'green'],
          [LIMITS.spreadBps, 'red'],
        ]),
        targets: query(sql.WIDEST_SPREAD, FORMAT.timeSeries, TABLES.spreads),
        overrides: BY_SYMBOL,
      }),
    )
    .withPanel(
      list({
        id: 10,
        title: 'Spread warnings',
        description: `30 s windows whose largest spread is more than ${LIMITS.spreadRatio} times their smallest, in basis points; the newest ${sql.ROWS_MOST}.`,
        empty: `No window of the range has a spread of more than ${LIMITS.spreadRatio} times its smallest.`,
        width: 12,
        height: 8,
        sortBy: 'Time',
        targets: query(sql.SPREAD_WARNINGS, FORMAT.table, TABLES.spreads),
        overrides: [
          when,
          symbol,
          { field: 'least', properties: [property.name('Least'), property.decimals(3)] },
          { field: 'mean', properties: [property.name('Mean'), property.decimals(3)] },
          { field: 'most', properties: [property.name('Most'), property.decimals(3)] },
          { field: 'updates', properties: [property.name('Updates')] },
          { field: 'bid', properties: [property.name('Last bid')] },
          { field: 'ask', properties: [property.name('Last ask')] },
        ],
      }),
    )
    .withPanel(
      graph({
        id: 11,
        title: 'Whale trades',
        description: 'Trades at or above the whale threshold of their quote asset, in each interval.',
        empty: NO_TRADES,
        width: 12,
        height: 8,
        unit: 'short',
        maxPoints: 200,
        minInterval: PANE,
        draw: 'stacked bars',
        legend: ['sum'],
        targets: query(sql.WHALE_COUNT, FORMAT.timeSeries),
        overrides: BY_SYMBOL,
      }),
    )
    .withPanel(
      list({
        id: 12,
        title: 'Windows with whales',
        description: `10 s windows with a whale trade: how many, the largest in quote units, and what else was traded; the newest ${sql.ROWS_MOST}. Windows that were repaired by aggregates cannot tell.`,
        empty: 'No trade of the range reaches its whale threshold.',
        width: 12,
        height: 8,
        sortBy: 'Time',
        targets: query(sql.WHALES, FORMAT.table),
        overrides: [
          when,
          symbol,
          { field: 'whales', properties: [property.name('Whales')] },
          { field: 'largest', properties: [property.name('Largest'), property.unit('short')] },
          { field: 'quote_volume', properties: [property.name('Quote volume'), property.unit('short')] },
          { field: 'ratio', properties: [property.name('Buy / sell'), property.decimals(2)] },
          { field: 'price', properties: [property.name('Close')] },
        ],
      }),
    )
    .build();
}
