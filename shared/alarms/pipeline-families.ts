import { METRIC_NAMESPACE, METRICS, type MetricSpec } from '../metrics/metric-catalogue.ts';
import type { AlarmFamily, AlarmRule } from './alarm-family.ts';

type Words = Pick<AlarmFamily, 'family' | 'severity' | 'title' | 'description'>;

/** At least `threshold` in one period of `periodSeconds`; silence means nothing happened. */
export function atLeast(threshold: number, periodSeconds: number): AlarmRule {
  return {
    statistic: 'Sum',
    periodSeconds,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold,
    missingData: 'notBreaching',
  };
}

function own(
  metric: MetricSpec,
  words: Words,
  rule: AlarmRule,
  instanceDimension: string | null = null,
): AlarmFamily {
  return {
    ...words,
    ...rule,
    namespace: METRIC_NAMESPACE,
    metric: metric.name,
    unit: metric.unit,
    instanceDimension,
  };
}

const FEED: readonly AlarmFamily[] = [
  own(
    METRICS.framesReceived,
    {
      family: 'feed-stopped',
      severity: 'critical',
      title: 'The feed has stopped',
      description: 'No frame has come from the exchange for half a minute, or ingest is gone.',
    },
    // Silence is the fault itself: ingest publishes zeros while it lives, and nothing once it is gone.
    {
      ...atLeast(1, 10),
      comparison: 'LessThanThreshold',
      datapointsToAlarm: 3,
      evaluationPeriods: 3,
      missingData: 'breaching',
    },
  ),
  own(
    METRICS.freshnessMs,
    {
      family: 'symbol-stale',
      severity: 'warning',
      title: 'A symbol is stale',
      description: 'The feed has said nothing of a symbol for over a minute, not even a tick.',
    },
    // feed-stopped speaks for an ingest that is gone; this one would only repeat it.
    {
      ...atLeast(60_000, 10),
      statistic: 'Maximum',
      datapointsToAlarm: 2,
      evaluationPeriods: 3,
      missingData: 'ignore',
    },
  ),
  own(
    METRICS.socketsDown,
    {
      family: 'socket-down',
      severity: 'warning',
      title: 'A socket is down',
      description: 'A connection to the exchange is lost. Trades are repaired by id once it is back.',
    },
    { ...atLeast(1, 10), statistic: 'Maximum', missingData: 'ignore' },
  ),
  own(
    METRICS.socketReconnects,
    {
      family: 'reconnect-storm',
      severity: 'warning',
      title: 'Connections keep breaking',
      description: 'Sockets were opened again ten times or more within five minutes.',
    },
    atLeast(10, 300),
  ),
  own(
    METRICS.quotesConflated,
    {
      family: 'quotes-conflated',
      severity: 'info',
      title: 'Quotes are conflated',
      description:
        'The log is slower than the quotes: only the newest of each symbol is kept. Trades are whole.',
    },
    { ...atLeast(1000, 60), datapointsToAlarm: 3, evaluationPeriods: 5 },
  ),
];

const INTEGRITY: readonly AlarmFamily[] = [
  own(
    METRICS.gapsOpen,
    {
      family: 'gap-open',
      severity: 'warning',
      title: 'Trades are missing',
      description: 'A hole in the trade ids has stood open for a minute.',
    },
    {
      ...atLeast(1, 10),
      statistic: 'Minimum',
      datapointsToAlarm: 6,
      evaluationPeriods: 6,
      missingData: 'ignore',
    },
  ),
  own(
    METRICS.gapsUnfillable,
    {
      family: 'gap-unfillable',
      severity: 'critical',
      title: 'Trades are lost',
      description: 'A hole in the trade ids cannot be filled: its windows are marked `gap` for good.',
    },
    atLeast(1, 10),
  ),
  own(
    METRICS.candlesDiffering,
    {
      family: 'candle-mismatch',
      severity: 'critical',
      title: 'A candle differs from the exchange’s',
      description: 'A closed minute is unlike the exchange’s own kline, also after it was asked for again.',
    },
    atLeast(1, 10),
  ),
  own(
    METRICS.deadLetters,
    {
      family: 'dead-letters',
      severity: 'warning',
      title: 'Records cannot be used',
      description: 'Ten records or more of a minute went to the dead letters.',
    },
    atLeast(10, 60),
  ),
  own(
    METRICS.unknownFields,
    {
      family: 'schema-drift',
      severity: 'info',
      title: 'The exchange sends new fields',
      description: 'Frames carry fields that the monitor does not know. They are kept and not read.',
    },
    atLeast(1, 300),
  ),
];

const STORE: readonly AlarmFamily[] = [
  own(
    METRICS.tradesFolded,
    {
      family: 'fold-idle',
      severity: 'critical',
      title: 'No trade is folded',
      description: 'For three minutes no trade has reached the windows.',
    },
    {
      ...atLeast(1, 60),
      comparison: 'LessThanThreshold',
      datapointsToAlarm: 3,
      evaluationPeriods: 3,
      missingData: 'breaching',
    },
  ),
  own(
    METRICS.rowsRejected,
    {
      family: 'rows-rejected',
      severity: 'critical',
      title: 'The store refuses rows',
      description: 'The store refused rows for good. They are dead letters.',
    },
    atLeast(1, 10),
  ),
  own(
    METRICS.rowsConflicting,
    {
      family: 'rows-conflicting',
      severity: 'critical',
      title: 'Two rows claim one version',
      description:
        'The store holds other values under the same version: two runs disagree, which must not happen.',
    },
    atLeast(1, 10),
  ),
  own(
    METRICS.rowsRetried,
    {
      family: 'store-retrying',
      severity: 'warning',
      title: 'The store is slow',
      description: 'A hundred rows or more a minute had to be sent again, three minutes long.',
    },
    { ...atLeast(100, 60), datapointsToAlarm: 3, evaluationPeriods: 3 },
  ),
  own(
    METRICS.stateConflicts,
    {
      family: 'state-conflicts',
      severity: 'warning',
      title: 'Writers fight over the state',
      description: 'State writes keep losing races: two aggregates work on the same symbols.',
    },
    { ...atLeast(50, 60), datapointsToAlarm: 3, evaluationPeriods: 3 },
  ),
];

const FLOW: readonly AlarmFamily[] = [
  own(
    METRICS.hopLatencyMs,
    {
      family: 'hop-slow',
      severity: 'warning',
      title: 'A hop is slow',
      description: 'The 99th percentile of a hop’s latency is above two seconds.',
    },
    {
      ...atLeast(2000, 60),
      statistic: 'p99',
      comparison: 'GreaterThanThreshold',
      datapointsToAlarm: 3,
      evaluationPeriods: 5,
    },
    'Hop',
  ),
  {
    ...atLeast(20_000, 60),
    family: 'consumer-lag',
    severity: 'warning',
    title: 'A function lags behind',
    description: 'A function is twenty thousand records or more behind its topic, three minutes long.',
    namespace: 'AWS/Lambda',
    metric: 'OffsetLag',
    unit: null,
    statistic: 'Maximum',
    datapointsToAlarm: 3,
    evaluationPeriods: 3,
    instanceDimension: 'FunctionName',
  },
  {
    ...atLeast(1, 60),
    family: 'function-errors',
    severity: 'critical',
    title: 'A function fails',
    description: 'An invocation ended with an error; its batch is tried again.',
    namespace: 'AWS/Lambda',
    metric: 'Errors',
    unit: null,
    instanceDimension: 'FunctionName',
  },
  {
    ...atLeast(1, 60),
    family: 'notify-failed',
    severity: 'critical',
    title: 'Alerts did not get through',
    description: 'Messages to Slack were given up and wait in the dead-letter queue. E-mail still goes out.',
    namespace: 'AWS/SQS',
    metric: 'ApproximateNumberOfMessagesVisible',
    unit: null,
    statistic: 'Maximum',
    instanceDimension: 'QueueName',
  },
];

/** Every family of pipeline alarms. */
export const PIPELINE_FAMILIES: readonly AlarmFamily[] = [...FEED, ...INTEGRITY, ...STORE, ...FLOW];
