import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { PIPELINE_FAMILIES } from '../../../shared/alarms/pipeline-families.ts';
import { DASHBOARD_UIDS } from '../../../shared/dashboards.ts';
import { METRICS } from '../../../shared/metrics/metric-catalogue.ts';
import { TABLES, type TableName } from '../../../shared/tables.ts';
import { metricQuery, ownMetric } from '../cloudwatch-query.ts';
import { CLOUDWATCH } from '../datasources.ts';
import { figures, list } from '../panels/figures.ts';
import { type GraphSpec, graph } from '../panels/graphs.ts';
import { NUMBERS, property, steps } from '../panels/panel.ts';
import { WORD_COLORS } from '../panels/words.ts';
import * as sql from '../sql/health.ts';
import { plainColumnsOf } from '../sql/names.ts';
import { MINUTE, PANE } from '../sql/resolutions.ts';
import { FORMAT, type Format, timestreamQuery } from '../timestream-query.ts';
import { shell } from './shell.ts';

const NO_METRICS =
  'CloudWatch has no such metric in this range. On one machine the metrics stay with the monitor: `npm run status` shows them.';
const NO_ROWS = 'No row in this range: was the monitor running, and are the symbols right?';
const NO_TRADE_ROWS =
  'No row of the table `trades` in this range. On AWS the table is optional; it may be off.';
const NO_LETTERS = 'No dead letter in this range: every record could be used.';
/** Fields of whole rows: they come under their plain names. */
const d = plainColumnsOf('dead_letters');
/** A series is called by its word, or by the figure's name and its word where Grafana has not renamed it yet. */
const WORD_OVERRIDES = Object.entries(WORD_COLORS).map(([word, color]) => ({
  field: new RegExp(`(^| )${word}$`),
  properties: [property.color(color)],
}));

/** The pipeline seen from two sides: what arrived in the store, and what the functions say of themselves. */
export function pipelineHealth(database: string): Dashboard {
  const query = (text: string, format: Format, table: TableName = TABLES.candles, refId = 'A') =>
    timestreamQuery({ sql: text, format, table, database, refId });
  const label = (name: string) => [
    { field: NUMBERS, properties: [property.name(`\${__field.labels.${name}}`)] },
  ];
  const metrics = (spec: Omit<GraphSpec, 'empty' | 'width' | 'height' | 'draw'> & Partial<GraphSpec>) =>
    graph({
      empty: NO_METRICS,
      width: 12,
      height: 8,
      draw: 'lines',
      datasourceUid: { type: CLOUDWATCH.type, uid: CLOUDWATCH.reference },
      ...spec,
    });
  const lag = PIPELINE_FAMILIES.find(({ family }) => family === 'consumer-lag');
  const slow = PIPELINE_FAMILIES.find(({ family }) => family === 'hop-slow');
  const stale = PIPELINE_FAMILIES.find(({ family }) => family === 'symbol-stale');

  return shell({
    uid: DASHBOARD_UIDS.pipeline,
    title: 'Pipeline health',
    description:
      'Throughput, latency, completeness and proof: on the left what the store holds, on the right what the functions report to CloudWatch.',
    database,
    cloudwatch: true,
  })
    .withPanel(
      figures({
        id: 1,
        title: 'The range in figures',
        description:
          'Trades and quotes in the store, minutes whose trades are known to be incomplete, minutes that differ from the exchange’s kline, and dead letters.',
        empty: NO_ROWS,
        width: 16,
        height: 5,
        unit: 'short',
        targets: [
          query(sql.TOTALS, FORMAT.table, TABLES.candles, 'A'),
          query(sql.QUOTE_TOTAL, FORMAT.table, TABLES.spreads, 'B'),
          query(sql.LETTER_TOTAL, FORMAT.table, TABLES.deadLetters, 'C'),
        ],
        overrides: [
          { field: 'trades', properties: [property.name('Trades')] },
          { field: 'quotes', properties: [property.name('Quotes')] },
          { field: 'gap_minutes', properties: [property.name('Minutes with gaps'), property.color('red')] },
          {
            field: 'differing_minutes',
            properties: [property.name('Minutes that differ'), property.color('red')],
          },
          { field: 'letters', properties: [property.name('Dead letters'), property.color('orange')] },
        ],
      }),
    )
    .withPanel(
      list({
        id: 2,
        title: 'Freshness',
        description:
          'For each symbol how long ago its newest window in the range began, by trades or by quotes. A window of 10 s is written at least once a second while it is open, so a busy symbol stays below 12 s. It is measured by the store’s clock: in a replay it says how long ago the recording was.',
        empty: NO_ROWS,
        width: 8,
        height: 5,
        sortBy: 'Age',
        thresholds: steps([
          [null, 'green'],
          [stale?.threshold ?? 60_000, 'orange'],
        ]),
        targets: [query(sql.FRESHNESS, FORMAT.table)],
        overrides: [
          { field: 'symbol', properties: [property.name('Symbol')] },
          { field: 'newest', properties: [property.name('Newest window')] },
          {
            field: 'age_ms',
            properties: [property.name('Age'), property.unit('ms'), property.coloredText()],
          },
        ],
      }),
    )
    .withRow(new RowBuilder('Throughput and latency').id(20))
    .withPanel(
      graph({
        id: 21,
        title: 'Trades and quotes a second (store)',
        description: 'Distinct trades and quotes that reached the windows, by their own time, a second.',
        empty: NO_ROWS,
        width: 12,
        height: 8,
        unit: 'short',
        minInterval: '30s',
        draw: 'lines',
        legend: ['mean', 'max'],
        targets: [
          query(sql.TRADE_RATE, FORMAT.table, TABLES.candles, 'A'),
          query(sql.QUOTE_RATE, FORMAT.table, TABLES.spreads, 'B'),
        ],
        overrides: [
          { field: 'trades', properties: [property.name('Trades / s')] },
          { field: 'quotes', properties: [property.name('Quotes / s')] },
        ],
      }),
    )
    .withPanel(
      metrics({
        id: 22,
        title: 'Records of each stage (CloudWatch)',
        description:
          'Frames from sockets, records that passed validation, trades and quotes folded, rows written.',
        unit: 'short',
        legend: ['mean', 'max'],
        targets: [
          ownMetric('A', METRICS.framesReceived, 'Sum'),
          ownMetric('B', METRICS.recordsValidated, 'Sum'),
          ownMetric('C', METRICS.tradesFolded, 'Sum'),
          ownMetric('D', METRICS.quotesFolded, 'Sum'),
          ownMetric('E', METRICS.rowsWritten, 'Sum'),
        ],
      }),
    )
    .withPanel(
      graph({
        id: 23,
        title: 'Exchange to receipt (store)',
        description:
          'Percentiles of the time from the exchange’s event time to our receipt. It can be below zero where the receiver’s clock is behind the exchange’s. Repaired trades have none.',
        empty: NO_TRADE_ROWS,
        width: 12,
        height: 8,
        unit: 'ms',
        maxPoints: 200,
        minInterval: PANE,
        draw: 'lines',
        axisSoftMin: null,
        legend: ['lastNotNull', 'max'],
        targets: [query(sql.FEED_LATENCY, FORMAT.table, TABLES.trades)],
      }),
    )
    .withPanel(
      metrics({
        id: 24,
        title: 'Latency of each hop (CloudWatch)',
        description: `99th percentile of each hop, and the median: feed is exchange to receipt, log is receipt to fold, row is append to written row. The line is where the alarm hop-slow begins.`,
        unit: 'ms',
        legend: ['lastNotNull', 'max'],
        drawThresholds: true,
        thresholds: steps([
          [null, 'green'],
          [slow?.threshold ?? 2000, 'red'],
        ]),
        targets: [
          ownMetric('A', METRICS.hopLatencyMs, 'p99', 'Hop'),
          ownMetric('B', METRICS.hopLatencyMs, 'p50', 'Hop'),
        ],
      }),
    )
    .withPanel(
      metrics({
        id: 25,
        title: 'Consumer lag (CloudWatch)',
        description:
          'Records that each function is behind its topic. The line is where the alarm consumer-lag begins.',
        unit: 'short',
        legend: ['lastNotNull', 'max'],
        drawThresholds: true,
        thresholds: steps([
          [null, 'green'],
          [lag?.threshold ?? 20_000, 'red'],
        ]),
        targets: [
          metricQuery({
            refId: 'A',
            namespace: lag?.namespace ?? 'AWS/Lambda',
            metric: lag?.metric ?? 'OffsetLag',
            statistic: 'Maximum',
            by: lag?.instanceDimension ?? 'FunctionName',
          }),
        ],
      }),
    )
    .withPanel(
      metrics({
        id: 26,
        title: 'Sockets (CloudWatch)',
        description:
          'Sockets that should be connected and are not, and connections that were opened again after a loss.',
        unit: 'short',
        draw: 'bars',
        legend: ['max', 'sum'],
        targets: [
          ownMetric('A', METRICS.socketsDown, 'Maximum'),
          ownMetric('B', METRICS.socketReconnects, 'Sum'),
        ],
      }),
    )
    .withRow(new RowBuilder('Completeness').id(30))
    .withPanel(
      graph({
        id: 31,
        title: 'Minutes by coverage (store)',
        description:
          'Minutes of all chosen symbols by what is known of their trades: complete, repaired by id or by aggregates, partial at the edges of a watch, or with a gap.',
        empty: NO_ROWS,
        width: 12,
        height: 8,
        unit: 'short',
        maxPoints: 200,
        minInterval: MINUTE,
        draw: 'stacked bars',
        legend: ['sum'],
        targets: [query(sql.BY_COVERAGE, FORMAT.timeSeries)],
        overrides: [...label('coverage'), ...WORD_OVERRIDES],
      }),
    )
    .withPanel(
      metrics({
        id: 32,
        title: 'Gaps and repairs (CloudWatch)',
        description: 'Holes in the trade ids: being repaired now, repaired, and given up.',
        unit: 'short',
        draw: 'bars',
        legend: ['max', 'sum'],
        targets: [
          ownMetric('A', METRICS.gapsOpen, 'Maximum'),
          ownMetric('B', METRICS.gapsFilled, 'Sum'),
          ownMetric('C', METRICS.gapsUnfillable, 'Sum'),
        ],
      }),
    )
    .withPanel(
      graph({
        id: 33,
        title: 'Corrections (store)',
        description:
          'Events that changed a minute after it was final (late trades, repairs, gaps), by the coverage that the minute has now.',
        empty: 'No minute of this range was changed after it was final.',
        width: 12,
        height: 8,
        unit: 'short',
        maxPoints: 200,
        minInterval: MINUTE,
        draw: 'stacked bars',
        legend: ['sum'],
        targets: [query(sql.CORRECTIONS, FORMAT.timeSeries)],
        overrides: [...label('coverage'), ...WORD_OVERRIDES],
      }),
    )
    .withPanel(
      graph({
        id: 34,
        title: 'Trades by source (store)',
        description: 'Where trades came from: the live socket, a repair over REST, or a recording.',
        empty: NO_TRADE_ROWS,
        width: 12,
        height: 8,
        unit: 'short',
        maxPoints: 200,
        minInterval: PANE,
        draw: 'stacked bars',
        legend: ['sum'],
        targets: [query(sql.BY_SOURCE, FORMAT.timeSeries, TABLES.trades)],
        overrides: label('source'),
      }),
    )
    .withRow(new RowBuilder('Proof').id(40))
    .withPanel(
      graph({
        id: 41,
        title: 'Minutes by audit (store)',
        description:
          'Minutes by the verdict against the exchange’s own kline on all its fields. Unwitnessed: no kline, or a minute that is not complete.',
        empty: NO_ROWS,
        width: 12,
        height: 8,
        unit: 'short',
        maxPoints: 200,
        minInterval: MINUTE,
        draw: 'stacked bars',
        legend: ['sum'],
        targets: [query(sql.BY_AUDIT, FORMAT.timeSeries)],
        overrides: [...label('audit'), ...WORD_OVERRIDES],
      }),
    )
    .withPanel(
      metrics({
        id: 42,
        title: 'Candle audit (CloudWatch)',
        description: 'Closed minutes that were held against the exchange’s kline, and those that differ.',
        unit: 'short',
        draw: 'bars',
        legend: ['sum'],
        targets: [
          ownMetric('A', METRICS.candlesChecked, 'Sum'),
          ownMetric('B', METRICS.candlesDiffering, 'Sum'),
        ],
      }),
    )
    .withRow(new RowBuilder('What could not be used').id(50))
    .withPanel(
      list({
        id: 51,
        title: 'Dead letters by reason (store)',
        description: `Records that could not be used, by reason code: how many of the newest ${sql.LETTERS_MOST} of the range, and when the last one was received.`,
        empty: NO_LETTERS,
        width: 12,
        height: 8,
        sortBy: 'Letters',
        targets: [query(sql.NEWEST_LETTERS, FORMAT.table, TABLES.deadLetters)],
        transformations: [
          {
            id: 'groupBy',
            options: {
              fields: {
                [d.reason]: { operation: 'groupby', aggregations: [] },
                [d.sha256]: { operation: 'aggregate', aggregations: ['count'] },
                [d.time]: { operation: 'aggregate', aggregations: ['max'] },
              },
            },
          },
        ],
        overrides: [
          { field: d.reason, properties: [property.name('Reason')] },
          { field: `${d.sha256} (count)`, properties: [property.name('Letters'), property.unit('short')] },
          { field: `${d.time} (max)`, properties: [property.name('Last received')] },
        ],
      }),
    )
    .withPanel(
      metrics({
        id: 52,
        title: 'Dead letters by reason (CloudWatch)',
        description:
          'The same as the functions counted them, and fields of frames that the monitor does not know.',
        unit: 'short',
        draw: 'stacked bars',
        legend: ['sum'],
        targets: [
          ownMetric('A', METRICS.deadLetters, 'Sum', 'Reason'),
          ownMetric('B', METRICS.unknownFields, 'Sum'),
        ],
      }),
    )
    .withPanel(
      graph({
        id: 53,
        title: 'Dead letters (store)',
        description: 'Records that could not be used, at the time of their receipt.',
        empty: NO_LETTERS,
        width: 12,
        height: 8,
        unit: 'short',
        maxPoints: 200,
        minInterval: PANE,
        draw: 'bars',
        legend: ['sum'],
        targets: [query(sql.LETTERS, FORMAT.table, TABLES.deadLetters)],
        overrides: [{ field: 'letters', properties: [property.name('Letters')] }],
      }),
    )
    .withPanel(
      metrics({
        id: 54,
        title: 'Rows refused and sent again (CloudWatch)',
        description:
          'Rows that the store refused for good, refused because another row claims their version, and sent again after throttling.',
        unit: 'short',
        draw: 'bars',
        legend: ['sum'],
        targets: [
          ownMetric('A', METRICS.rowsRejected, 'Sum'),
          ownMetric('B', METRICS.rowsConflicting, 'Sum'),
          ownMetric('C', METRICS.rowsRetried, 'Sum'),
        ],
      }),
    )
    .withPanel(
      list({
        id: 55,
        title: 'Newest dead letters',
        description:
          'Where each stands in the raw log, why it was refused, and how it begins. The topic of dead letters keeps each whole.',
        empty: NO_LETTERS,
        width: 24,
        height: 9,
        sortBy: 'Received',
        targets: [query(sql.NEWEST_LETTERS, FORMAT.table, TABLES.deadLetters)],
        transformations: [
          {
            id: 'organize',
            options: {
              excludeByName: { measure_name: true, [d.received_ms]: true },
              indexByName: Object.fromEntries(
                [d.time, d.reason, d.error, d.topic, d.partition, d.offset, d.key, d.payload].map(
                  (name, index) => [name, index],
                ),
              ),
              renameByName: {},
            },
          },
        ],
        overrides: [
          { field: d.time, properties: [property.name('Received'), property.width(190)] },
          { field: d.reason, properties: [property.name('Reason')] },
          { field: d.error, properties: [property.name('Error'), property.width(400)] },
          { field: d.topic, properties: [property.name('Topic')] },
          { field: d.partition, properties: [property.name('Partition'), property.width(90)] },
          { field: d.offset, properties: [property.name('Offset'), property.unit('none')] },
          { field: d.key, properties: [property.name('Key')] },
          { field: d.payload, properties: [property.name('Begins with')] },
          { field: d.attempts, properties: [property.name('Attempts')] },
          { field: d.size_bytes, properties: [property.name('Size'), property.unit('decbytes')] },
          { field: d.sha256, properties: [property.name('SHA-256')] },
        ],
      }),
    )
    .build();
}
