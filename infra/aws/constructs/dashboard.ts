import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IWidget, Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { HOPS, METRICS, type MetricSpec } from '../../../shared/metrics/metric-catalogue.ts';

function ofFunctions(names: readonly string[], metricName: string, statistic: string): Metric[] {
  return names.map(
    (name) =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        statistic,
        period: Duration.minutes(1),
        dimensionsMap: { FunctionName: name },
        label: name,
      }),
  );
}

/** The CloudWatch dashboard of the pipeline: what flows, how late, what is wrong. The market itself is in Grafana. */
export function pipelineDashboard(
  scope: Construct,
  id: string,
  props: {
    readonly name: string;
    readonly metricNamespace: string;
    readonly functionNames: readonly string[];
  },
): Dashboard {
  const { functionNames } = props;
  const own = (spec: MetricSpec, statistic = 'Sum', dimensions: Record<string, string> = {}): Metric =>
    new Metric({
      namespace: props.metricNamespace,
      metricName: spec.name,
      statistic,
      period: Duration.minutes(1),
      dimensionsMap: dimensions,
    });
  const graph = (title: string, left: readonly Metric[], leftMin = 0): IWidget =>
    new GraphWidget({ title, left: [...left], width: 8, leftYAxis: { min: leftMin } });
  return new Dashboard(scope, id, {
    dashboardName: `${props.name}-pipeline`,
    widgets: [
      [new TextWidget({ markdown: `# ${props.name}: the pipeline`, width: 24, height: 1 })],
      [
        graph('Flow a minute', [
          own(METRICS.framesReceived),
          own(METRICS.tradesFolded),
          own(METRICS.quotesFolded),
        ]),
        graph(
          'Latency by hop, p99 (ms)',
          HOPS.map((hop) => own(METRICS.hopLatencyMs, 'p99', { Hop: hop })),
        ),
        graph('Freshness, worst (ms)', [own(METRICS.freshnessMs, 'Maximum')]),
      ],
      [
        graph('Ids', [
          own(METRICS.gapsOpen, 'Maximum'),
          own(METRICS.gapsFilled),
          own(METRICS.gapsUnfillable),
        ]),
        graph('Candles and the exchange’s own', [own(METRICS.candlesDiffering)]),
        graph('Dead letters', [own(METRICS.deadLetters), own(METRICS.unknownFields)]),
      ],
      [
        graph('Rows', [own(METRICS.rowsWritten), own(METRICS.rowsRetried), own(METRICS.rowsRejected)]),
        graph('State', [own(METRICS.stateConflicts), own(METRICS.duplicates)]),
        graph('Sockets', [own(METRICS.socketsDown, 'Maximum'), own(METRICS.socketReconnects)]),
      ],
      [
        graph('Function duration, p99 (ms)', ofFunctions(functionNames, 'Duration', 'p99')),
        graph('Function errors', ofFunctions(functionNames, 'Errors', 'Sum')),
        graph('Consumer lag (records)', ofFunctions(functionNames, 'OffsetLag', 'Maximum')),
      ],
    ],
  });
}
