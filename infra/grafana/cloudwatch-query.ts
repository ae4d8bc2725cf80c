import {
  MetricEditorMode,
  MetricQueryType,
  MetricsQueryBuilder,
  QueryMode,
} from '@grafana/grafana-foundation-sdk/cloudwatch';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { Statistic } from '../../shared/alarms/alarm-family.ts';
import { assert } from '../../shared/coded-error.ts';
import {
  type DimensionName,
  METRIC_NAMESPACE,
  type MetricSpec,
} from '../../shared/metrics/metric-catalogue.ts';
import { CLOUDWATCH } from './datasources.ts';

/** What a query of CloudWatch asks for. */
export interface MetricQueryOptions {
  readonly refId: string;
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: Statistic;
  /** One series for each value of it; null asks for the metric without dimensions. */
  readonly by: string | null;
  /** @default the label that CloudWatch gives */
  readonly label?: string;
}

/** A query of one metric, in the JSON of Grafana's CloudWatch datasource. */
export function metricQuery(options: MetricQueryOptions): Builder<Dataquery> {
  const { refId, namespace, metric, statistic, by } = options;
  return new MetricsQueryBuilder()
    .refId(refId)
    .id(refId.toLowerCase())
    .queryMode(QueryMode.Metrics)
    .metricQueryType(MetricQueryType.Search)
    .metricEditorMode(MetricEditorMode.Builder)
    .region('default')
    .namespace(namespace)
    .metricName(metric)
    .statistic(statistic)
    .dimensions(by === null ? {} : { [by]: ['*'] })
    .matchExact(true)
    .period('')
    .expression('')
    .label(options.label ?? '')
    .datasource({ type: CLOUDWATCH.type, uid: CLOUDWATCH.reference });
}

/**
 * A query of one of the monitor's own metrics; a set of dimensions that it is not published under fails. Series
 * are called by the label, or by the dimension's value with the label behind it.
 */
export function ownMetric(
  refId: string,
  metric: MetricSpec,
  statistic: Statistic,
  by: DimensionName | null = null,
  label?: string,
): Builder<Dataquery> {
  const isPublished = metric.dimensionSets.some(
    (set) => set.length === (by === null ? 0 : 1) && set[0] === (by ?? undefined),
  );
  assert(isPublished, `${metric.name} is not published by ${by ?? 'nothing'}`);
  return metricQuery({
    refId,
    namespace: METRIC_NAMESPACE,
    metric: metric.name,
    statistic,
    by,
    label:
      by === null ? (label ?? metric.name) : `\${PROP('Dim.${by}')}${label === undefined ? '' : ` ${label}`}`,
  });
}
