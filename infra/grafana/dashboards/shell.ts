import {
  AnnotationQueryBuilder,
  CustomVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TimePickerBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardUid } from '../../../shared/dashboards.ts';
import { TABLES } from '../../../shared/tables.ts';
import { CLOUDWATCH, type Datasource, TIMESTREAM } from '../datasources.ts';
import { ALL_SYMBOLS, chosenSymbols, VARIABLES } from '../sql/filters.ts';
import { columnsOf, rowsInRange } from '../sql/names.ts';
import { AUTO, MINUTE, TUMBLING } from '../sql/resolutions.ts';
import { FORMAT, timestreamQuery } from '../timestream-query.ts';

/** The tag of all three: the links between them are made of it. */
export const TAG = 'crypto-market-monitor';

/** What a dashboard begins with. */
export interface ShellSpec {
  readonly uid: DashboardUid;
  readonly title: string;
  readonly description: string;
  readonly database: string;
  /** Whether panels read CloudWatch too. @default false */
  readonly cloudwatch?: boolean;
  /** Whether bars of a chosen resolution are drawn. @default false */
  readonly resolution?: boolean;
}

/** A dashboard without panels: variables, links, annotations, range and refresh. */
export function shell(spec: ShellSpec): DashboardBuilder {
  const dashboard = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .timezone('utc')
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .timepicker(new TimePickerBuilder().refreshIntervals(['5s', '10s', '30s', '1m', '5m', '15m']))
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(datasourceVariable(TIMESTREAM));
  if (spec.cloudwatch === true) dashboard.withVariable(datasourceVariable(CLOUDWATCH));
  dashboard.withVariable(symbolVariable(spec.database));
  if (spec.resolution === true) dashboard.withVariable(resolutionVariable());
  return dashboard
    .annotation(signalAnnotations(spec.database))
    .link(
      new DashboardLinkBuilder('Dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true)
        .asDropdown(false),
    );
}

function datasourceVariable(datasource: Datasource): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(datasource.variable)
    .label(datasource.label)
    .type(datasource.type)
    .allowCustomValue(false);
}

/** Symbols that have rows in the range. The plugin sends this text with no table: names stand in full. */
function symbolVariable(database: string): QueryVariableBuilder {
  const c = columnsOf('candles');
  const s = columnsOf('spreads');
  const sql = `SELECT ${c.symbol} FROM "${database}"."${TABLES.candles}" WHERE ${rowsInRange('candles')} AND ${c.resolution} = '${MINUTE}'
UNION
SELECT ${s.symbol} FROM "${database}"."${TABLES.spreads}" WHERE ${rowsInRange('spreads')}
ORDER BY 1`;
  return new QueryVariableBuilder(VARIABLES.symbol)
    .label('Symbol')
    .description('Symbols with trades or quotes in the range; as many as you like.')
    .datasource({ type: TIMESTREAM.type, uid: TIMESTREAM.reference })
    .query(sql)
    .definition(sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(`'${ALL_SYMBOLS}'`)
    .current({ text: ['All'], value: ['$__all'] });
}

function resolutionVariable(): CustomVariableBuilder {
  const names = [AUTO, ...TUMBLING.map(({ name }) => name)];
  return new CustomVariableBuilder(VARIABLES.resolution)
    .label('Resolution')
    .description(`Length of the windows that bars are made of; ${AUTO} takes what suits the range.`)
    .values(names.join(','))
    .options(names.map((name) => ({ text: name, value: name, selected: name === AUTO })))
    .current({ text: AUTO, value: AUTO })
    .multi(false)
    .includeAll(false)
    .allowCustomValue(false);
}

/** Openings of signals as marks on every graph; at most 500, the newest. */
function signalAnnotations(database: string): AnnotationQueryBuilder {
  const c = columnsOf('signals');
  return new AnnotationQueryBuilder()
    .name('Signals')
    .datasource({ type: TIMESTREAM.type, uid: TIMESTREAM.reference })
    .enable(true)
    .iconColor('orange')
    .target(
      timestreamQuery({
        refId: 'Signals',
        database,
        table: TABLES.signals,
        format: FORMAT.table,
        sql: `SELECT ${c.time} AS time, concat(${c.kind}, ' ', ${c.symbol}) AS title,
  concat(CAST(round(${c.value}, 4) AS VARCHAR), ' against ', CAST(round(${c.threshold}, 4) AS VARCHAR), ', ', ${c.state}) AS text,
  concat(${c.severity}, ',', ${c.kind}, ',', ${c.symbol}) AS tags
FROM $__database.$__table
WHERE ${rowsInRange('signals')} AND ${chosenSymbols(c.symbol)}
ORDER BY 1 DESC
LIMIT 500`,
      }),
    );
}
