import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../../../shared/metrics/metric-catalogue.ts';
import { TABLES } from '../../../../shared/tables.ts';
import { ownMetric } from '../../cloudwatch-query.ts';
import * as sql from '../../sql/health.ts';
import { MINUTE, PANE } from '../../sql/resolutions.ts';
import { FORMAT } from '../../timestream-query.ts';
import {
  type HealthQuery,
  label,
  metrics,
  NO_ROWS,
  NO_TRADE_ROWS,
  stackedBars,
  WORD_OVERRIDES,
} from './health-panels.ts';

/** What is known to be missing, what was repaired, what was corrected. */
export function completenessPanels(query: HealthQuery): readonly Builder<Panel>[] {
  return [
    stackedBars({
      id: 31,
      title: 'Minutes by coverage (store)',
      description:
        'Minutes of all chosen symbols by what is known of their trades: complete, repaired by id or by aggregates, partial at the edges of a watch, or with a gap.',
      empty: NO_ROWS,
      minInterval: MINUTE,
      targets: [query(sql.BY_COVERAGE, FORMAT.timeSeries)],
      overrides: [...label('coverage'), ...WORD_OVERRIDES],
    }),
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
    stackedBars({
      id: 33,
      title: 'Corrections (store)',
      description:
        'Events that changed a minute after it was final (late trades, repairs, gaps), by the coverage that the minute has now.',
      empty: 'No minute of this range was changed after it was final.',
      minInterval: MINUTE,
      targets: [query(sql.CORRECTIONS, FORMAT.timeSeries)],
      overrides: [...label('coverage'), ...WORD_OVERRIDES],
    }),
    stackedBars({
      id: 34,
      title: 'Trades by source (store)',
      description: 'Where trades came from: the live socket, a repair over REST, or a recording.',
      empty: NO_TRADE_ROWS,
      minInterval: PANE,
      targets: [query(sql.BY_SOURCE, FORMAT.timeSeries, TABLES.trades)],
      overrides: label('source'),
    }),
  ];
}

/** What was held against the exchange’s own klines. */
export function proofPanels(query: HealthQuery): readonly Builder<Panel>[] {
  return [
    stackedBars({
      id: 41,
      title: 'Minutes by audit (store)',
      description:
        'Minutes by the verdict against the exchange’s own kline on all its fields. Unwitnessed: no kline, or a minute that is not complete.',
      empty: NO_ROWS,
      minInterval: MINUTE,
      targets: [query(sql.BY_AUDIT, FORMAT.timeSeries)],
      overrides: [...label('audit'), ...WORD_OVERRIDES],
    }),
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
  ];
}
