import { type Query, QueryBuilder, type Rule, RuleBuilder } from '@grafana/grafana-foundation-sdk/alerting';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { TypeReduceBuilder, TypeThresholdBuilder } from '@grafana/grafana-foundation-sdk/expr';
import { runbookOf } from '../../../shared/alarms/alarm-family.ts';
import { PIPELINE_FAMILIES } from '../../../shared/alarms/pipeline-families.ts';
import { DASHBOARD_UIDS, type DashboardUid } from '../../../shared/dashboards.ts';
import type { Severity } from '../../../shared/events/signal.ts';
import { thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { TABLES, type TableName } from '../../../shared/tables.ts';
import { TIMESTREAM } from '../datasources.ts';
import { columnsOf, rowsInRange, tableOf } from '../sql/names.ts';
import { MINUTE, PANE } from '../sql/resolutions.ts';
import { FORMAT, timestreamQuery } from '../timestream-query.ts';

/** How often the rules are evaluated. */
export const EVERY_SECONDS = 60;
/** The group of all rules; its name is part of its address. */
export const GROUP = 'crypto-market-monitor';

/** Where rules live and what they read. */
export interface AlertOptions {
  readonly database: string;
  readonly datasourceUid: string;
  readonly folderUid: string;
}

interface RuleSpec {
  readonly uid: string;
  readonly title: string;
  readonly summary: string;
  readonly severity: Severity;
  readonly runbook: string;
  readonly dashboard: DashboardUid;
  readonly panelId: number;
  readonly table: TableName;
  readonly sql: string;
  /** Fires above it. */
  readonly threshold: number;
  readonly forDuration: string;
  readonly rangeSeconds: number;
  readonly noData: 'OK' | 'Alerting';
}

const c = columnsOf('candles');
const s = columnsOf('spreads');

const VOLATILITY = `SELECT ${c.symbol}, CREATE_TIME_SERIES(${c.time}, ${c.price_stddev} / ${c.avg_price} * 10000) AS bps
FROM $__database.$__table
WHERE ${rowsInRange('candles')} AND ${c.resolution} = '${MINUTE}' AND ${c.price_stddev} IS NOT NULL
GROUP BY ${c.symbol}`;

const SPREAD = `SELECT ${s.symbol}, CREATE_TIME_SERIES(${s.time}, ${s.max_spread_bps}) AS bps
FROM $__database.$__table
WHERE ${rowsInRange('spreads')}
GROUP BY ${s.symbol}`;

/** One point: how old the newest window of any symbol is. Quiet symbols alone do not make it fire. */
const FRESHNESS = `SELECT 'store' AS source, CREATE_TIME_SERIES(now(), age_ms) AS age_ms
FROM (
  SELECT to_milliseconds(now()) - to_milliseconds(max(newest)) AS age_ms
  FROM (
    SELECT max(${c.time}) AS newest
    FROM $__database.$__table
    WHERE ${rowsInRange('candles')} AND ${c.resolution} = '${PANE}'
    UNION ALL
    SELECT max(${s.time}) AS newest
    FROM ${tableOf('spreads')}
    WHERE ${rowsInRange('spreads')}
  )
)
WHERE age_ms IS NOT NULL
GROUP BY 1`;

/** The rules for those who alert from Grafana, with the thresholds of the monitor's own signals and alarms. */
export function alertRules(options: AlertOptions): readonly Rule[] {
  const limits = thresholdsFor('');
  const stale = PIPELINE_FAMILIES.find(({ family }) => family === 'symbol-stale');
  const specs: readonly RuleSpec[] = [
    {
      uid: 'cmm-volatility',
      title: 'Price is volatile',
      summary: '{{ $labels.symbol }}: the prices of a minute deviate by {{ $values.B.Value }} basis points.',
      severity: 'warning',
      runbook: runbookOf('market-volatility-bps'),
      dashboard: DASHBOARD_UIDS.risk,
      panelId: 4,
      table: TABLES.candles,
      sql: VOLATILITY,
      threshold: limits.volatilityBps,
      forDuration: '0s',
      rangeSeconds: 180,
      noData: 'OK',
    },
    {
      uid: 'cmm-spread',
      title: 'Spread is wide',
      summary:
        '{{ $labels.symbol }}: the largest spread of 30 seconds is {{ $values.B.Value }} basis points.',
      severity: 'warning',
      runbook: runbookOf('market-wide-spread-bps'),
      dashboard: DASHBOARD_UIDS.risk,
      panelId: 9,
      table: TABLES.spreads,
      sql: SPREAD,
      threshold: limits.spreadBps,
      forDuration: '0s',
      rangeSeconds: 180,
      noData: 'OK',
    },
    {
      uid: 'cmm-freshness',
      title: 'The store is stale',
      summary:
        'No row has come for {{ humanizeDuration (div $values.B.Value 1000) }}: the feed or the pipeline stands still.',
      severity: 'critical',
      runbook: runbookOf('feed-stopped'),
      dashboard: DASHBOARD_UIDS.pipeline,
      panelId: 2,
      table: TABLES.candles,
      sql: FRESHNESS,
      threshold: stale?.threshold ?? 60_000,
      forDuration: '1m',
      rangeSeconds: 900,
      noData: 'Alerting',
    },
  ];
  return specs.map((spec) => ruleOf(spec, options));
}

function ruleOf(spec: RuleSpec, options: AlertOptions): Rule {
  const range = { from: spec.rangeSeconds, to: 0 };
  const rows = timestreamQuery({
    sql: spec.sql,
    format: FORMAT.timeSeries,
    table: spec.table,
    database: options.database,
    datasourceUid: options.datasourceUid,
  });
  const reduce = new TypeReduceBuilder().refId('B').expression('A').reducer('last').datasource(EXPRESSION);
  const threshold = new TypeThresholdBuilder()
    .refId('C')
    .expression('B')
    .conditions([{ evaluator: { type: 'gt', params: [spec.threshold] } }])
    .datasource(EXPRESSION);
  return new RuleBuilder(spec.title)
    .uid(spec.uid)
    .orgID(1)
    .folderUID(options.folderUid)
    .ruleGroup(GROUP)
    .condition('C')
    .queries([
      step('A', options.datasourceUid, rows, range),
      step('B', EXPRESSION.uid, reduce, range),
      step('C', EXPRESSION.uid, threshold, range),
    ])
    .forDuration(spec.forDuration)
    .noDataState(spec.noData)
    .execErrState('Error')
    .labels({ severity: spec.severity, monitor: GROUP })
    .annotations({
      summary: spec.summary,
      runbook: spec.runbook,
      __dashboardUid__: spec.dashboard,
      __panelId__: String(spec.panelId),
    })
    .build();
}

const EXPRESSION = { type: '__expr__', uid: '__expr__' };

function step(
  refId: string,
  datasourceUid: string,
  model: Builder<Dataquery>,
  range: { readonly from: number; readonly to: number },
): Builder<Query> {
  return new QueryBuilder(refId).datasourceUid(datasourceUid).model(model).relativeTimeRange(range);
}

/** The uid that a datasource has when nothing else is known: that of the provisioning files. */
export const PROVISIONED_DATASOURCE = TIMESTREAM.uid;
