import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../../../shared/metrics/metric-catalogue.ts';
import { TABLES } from '../../../../shared/tables.ts';
import { metricQuery, ownMetric } from '../../cloudwatch-query.ts';
import { graph } from '../../panels/graphs.ts';
import { property, steps } from '../../panels/panel.ts';
import * as sql from '../../sql/health.ts';
import { PANE } from '../../sql/resolutions.ts';
import { FORMAT } from '../../timestream-query.ts';
import { alarmFamily, type HealthQuery, metrics, NO_ROWS, NO_TRADE_ROWS } from './health-panels.ts';

/** How much passes, how fast, and how far behind. */
export function flowPanels(query: HealthQuery): readonly Builder<Panel>[] {
  const lag = alarmFamily('consumer-lag');
  return [
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
    metrics({
      id: 24,
      title: 'Latency of each hop (CloudWatch)',
      description: `99th percentile of each hop, and the median: feed is exchange to receipt, log is receipt to fold, row is append to written row. The line is where the alarm hop-slow begins.`,
      unit: 'ms',
      legend: ['lastNotNull', 'max'],
      drawThresholds: true,
      thresholds: steps([
        [null, 'green'],
        [alarmFamily('hop-slow').threshold, 'red'],
      ]),
      targets: [
        ownMetric('A', METRICS.hopLatencyMs, 'p99', 'Hop', 'p99'),
        ownMetric('B', METRICS.hopLatencyMs, 'p50', 'Hop', 'p50'),
      ],
    }),
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
        [lag.threshold, 'red'],
      ]),
      targets: [
        metricQuery({
          refId: 'A',
          namespace: lag.namespace,
          metric: lag.metric,
          statistic: 'Maximum',
          by: lag.instanceDimension,
        }),
      ],
    }),
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
  ];
}
