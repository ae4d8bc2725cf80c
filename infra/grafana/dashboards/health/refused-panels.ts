import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../../../shared/metrics/metric-catalogue.ts';
import { TABLES } from '../../../../shared/tables.ts';
import { ownMetric } from '../../cloudwatch-query.ts';
import { list } from '../../panels/figures.ts';
import { graph } from '../../panels/graphs.ts';
import { property } from '../../panels/panel.ts';
import * as sql from '../../sql/health.ts';
import { plainColumnsOf } from '../../sql/names.ts';
import { PANE } from '../../sql/resolutions.ts';
import { FORMAT } from '../../timestream-query.ts';
import { type HealthQuery, metrics } from './health-panels.ts';

const NO_LETTERS = 'No dead letter in this range: every record could be used.';
/** Fields of whole rows: they come under their plain names. */
const d = plainColumnsOf('dead_letters');

/** What could not be used, and what the store did not take. */
export function refusedPanels(query: HealthQuery): readonly Builder<Panel>[] {
  return [
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
  ];
}
