/** The namespace of the monitor's own metrics, where a deployment has no other. */
export const METRIC_NAMESPACE = 'MarketMonitor';

/** The dimensions that the monitor's metrics may have. */
export type DimensionName = 'Symbol' | 'Kind' | 'Function' | 'Hop' | 'Topic' | 'Reason' | 'Feed';

/** Units as CloudWatch names them. */
export type MetricUnit = 'Count' | 'Milliseconds' | 'Bytes' | 'Percent';

/**
 * How values of one invocation become one: `count` adds them, `gauge` keeps the last, `sample` keeps up to 100 of
 * them for percentiles.
 */
export type MetricKind = 'count' | 'gauge' | 'sample';

/** One metric: what it is called, in which unit, under which sets of dimensions it is published. */
export interface MetricSpec {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly kind: MetricKind;
  /** Each set is a metric of its own to CloudWatch; the empty set is the sum over everything. */
  readonly dimensionSets: readonly (readonly DimensionName[])[];
  /** 1: high resolution, for alarms of 10 s periods (dearer); 60: standard. */
  readonly resolutionSeconds: 1 | 60;
  readonly meaning: string;
}

type Shape = Pick<MetricSpec, 'kind' | 'unit' | 'resolutionSeconds'>;

const FAST_COUNT: Shape = { kind: 'count', unit: 'Count', resolutionSeconds: 1 };
const COUNT: Shape = { kind: 'count', unit: 'Count', resolutionSeconds: 60 };
const FAST_GAUGE: Shape = { kind: 'gauge', unit: 'Count', resolutionSeconds: 1 };

/** Every metric that the monitor publishes. Alarms, dashboards and code take names from here. */
export const METRICS = {
  framesReceived: metric('FramesReceived', FAST_COUNT, [[], ['Feed']], 'frames that sockets delivered'),
  quotesConflated: metric('QuotesConflated', COUNT, [[]], 'quotes replaced by a newer one under pressure'),
  socketsDown: metric(
    'SocketsDown',
    FAST_GAUGE,
    [[], ['Feed']],
    'sockets that should be connected and are not',
  ),
  socketReconnects: metric('SocketReconnects', COUNT, [[]], 'connections opened again after a loss'),
  freshnessMs: metric(
    'FreshnessMs',
    { kind: 'gauge', unit: 'Milliseconds', resolutionSeconds: 1 },
    [[], ['Symbol']],
    'time since the feed last said anything of a symbol, ticks included; without a symbol: the worst',
  ),
  gapsOpen: metric('GapsOpen', FAST_GAUGE, [[]], 'holes in the trade ids that are being repaired'),
  gapsFilled: metric('GapsFilled', COUNT, [[]], 'holes that were repaired'),
  gapsUnfillable: metric('GapsUnfillable', FAST_COUNT, [[]], 'holes that will not be repaired'),
  recordsValidated: metric('RecordsValidated', COUNT, [[], ['Topic']], 'records that passed validation'),
  deadLetters: metric('DeadLetters', COUNT, [[], ['Reason']], 'records that could not be used'),
  unknownFields: metric('UnknownFields', COUNT, [[]], 'fields in frames that the monitor does not know'),
  tradesFolded: metric('TradesFolded', COUNT, [[], ['Symbol']], 'distinct trades that changed windows'),
  quotesFolded: metric('QuotesFolded', COUNT, [[], ['Symbol']], 'quotes that changed windows'),
  duplicates: metric('Duplicates', COUNT, [[]], 'trades that had been folded before'),
  candlesChecked: metric('CandlesChecked', COUNT, [[]], 'closed minutes held against the exchange’s kline'),
  candlesDiffering: metric(
    'CandlesDiffering',
    FAST_COUNT,
    [[]],
    'closed minutes unlike the exchange’s kline',
  ),
  stateConflicts: metric('StateConflicts', COUNT, [[]], 'state writes that lost a race and were tried again'),
  rowsWritten: metric('RowsWritten', COUNT, [[]], 'rows that the store took'),
  rowsRejected: metric('RowsRejected', FAST_COUNT, [[]], 'rows that the store refused for good'),
  rowsRetried: metric('RowsRetried', COUNT, [[]], 'rows sent again after throttling or a fault of the store'),
  rowsConflicting: metric(
    'RowsConflicting',
    FAST_COUNT,
    [[]],
    'rows refused with an equal version and other values: a broken invariant',
  ),
  signalsRaised: metric('SignalsRaised', FAST_COUNT, [['Kind', 'Symbol']], 'market signals that opened'),
  signalsOpen: metric('SignalsOpen', FAST_GAUGE, [['Kind', 'Symbol']], '1 while a signal is open, else 0'),
  hopLatencyMs: metric(
    'HopLatencyMs',
    { kind: 'sample', unit: 'Milliseconds', resolutionSeconds: 60 },
    [['Hop']],
    'time of a hop: `feed` exchange to receipt, `log` receipt to fold, `row` append to written row',
  ),
  batchRecords: metric(
    'BatchRecords',
    { kind: 'sample', unit: 'Count', resolutionSeconds: 60 },
    [['Function']],
    'records of an invocation',
  ),
  coldStarts: metric('ColdStarts', COUNT, [['Function']], 'first invocations of an instance'),
  alertsPosted: metric('AlertsPosted', COUNT, [[]], 'messages that Slack took'),
  alertsDelayed: metric('AlertsDelayed', COUNT, [[]], 'messages put off because Slack did not take them'),
  alertsUncertain: metric(
    'AlertsUncertain',
    COUNT,
    [[]],
    'posts whose outcome is unknown; each is repeated once',
  ),
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** The hops that `HopLatencyMs` measures. */
export const HOPS = ['feed', 'log', 'row'] as const;

function metric(
  name: string,
  shape: Shape,
  dimensionSets: MetricSpec['dimensionSets'],
  meaning: string,
): MetricSpec {
  return { name, ...shape, dimensionSets, meaning };
}
