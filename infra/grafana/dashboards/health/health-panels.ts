import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { AlarmFamily } from '../../../../shared/alarms/alarm-family.ts';
import { PIPELINE_FAMILIES } from '../../../../shared/alarms/pipeline-families.ts';
import { CodedError } from '../../../../shared/coded-error.ts';
import { TABLES, type TableName } from '../../../../shared/tables.ts';
import { CLOUDWATCH } from '../../datasources.ts';
import { type GraphSpec, graph } from '../../panels/graphs.ts';
import { NUMBERS, type Override, property } from '../../panels/panel.ts';
import { WORD_COLORS } from '../../panels/words.ts';
import { type Format, timestreamQuery } from '../../timestream-query.ts';

/** Why panels of the store may be empty. */
export const NO_ROWS = 'No row in this range: was the monitor running, and are the symbols right?';
export const NO_TRADE_ROWS =
  'No row of the table `trades` in this range. On AWS the table is optional; it may be off.';

const NO_METRICS =
  'CloudWatch has no such metric in this range. On one machine the metrics stay with the monitor: `npm run status` tells how it does.';

/** Colours for words of coverage and audit. A series is called by its word, or by the figure's name and its word where Grafana has not renamed it yet. */
export const WORD_OVERRIDES: readonly Override[] = Object.entries(WORD_COLORS).map(([word, color]) => ({
  field: new RegExp(`(^| )${word}$`),
  properties: [property.color(color)],
}));

/** Makes a query of the dashboard's database. */
export type HealthQuery = (
  sql: string,
  format: Format,
  table?: TableName,
  refId?: string,
) => Builder<Dataquery>;

/** Queries of one database. */
export function healthQuery(database: string): HealthQuery {
  return (sql, format, table = TABLES.candles, refId = 'A') =>
    timestreamQuery({ sql, format, table, database, refId });
}

/** Series are called by the value of a column. */
export function label(column: string): readonly Override[] {
  return [{ field: NUMBERS, properties: [property.name(`\${__field.labels.${column}}`)] }];
}

/** A graph of CloudWatch metrics, half a line wide. */
export function metrics(
  spec: Omit<GraphSpec, 'empty' | 'width' | 'height' | 'draw'> & Partial<GraphSpec>,
): Builder<Panel> {
  return graph({
    empty: NO_METRICS,
    width: 12,
    height: 8,
    draw: 'lines',
    datasourceUid: { type: CLOUDWATCH.type, uid: CLOUDWATCH.reference },
    ...spec,
  });
}

/** Counts of rows, stacked by what they are, half a line wide. */
export function stackedBars(
  spec: Omit<GraphSpec, 'width' | 'height' | 'unit' | 'draw' | 'legend'>,
): Builder<Panel> {
  return graph({
    width: 12,
    height: 8,
    unit: 'short',
    maxPoints: 200,
    draw: 'stacked bars',
    legend: ['sum'],
    ...spec,
  });
}

/** A family of the alarm catalogue, whose threshold a panel draws. */
export function alarmFamily(name: string): AlarmFamily {
  const found = PIPELINE_FAMILIES.find(({ family }) => family === name);
  if (found === undefined) throw new CodedError('GRAFANA_NO_ALARM', `The catalogue has no alarm ${name}.`);
  return found;
}
