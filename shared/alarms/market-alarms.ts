import { isMoment, SIGNAL_KINDS, type SignalKind } from '../events/signal.ts';
import { OTHER, symbolsOfTheirOwn } from '../metrics/dimension-bounds.ts';
import { METRIC_NAMESPACE, METRICS } from '../metrics/metric-catalogue.ts';
import type { MarketSymbol } from '../units.ts';
import { type AlarmDefinition, type AlarmFamily, type AlarmRule, alarmOf } from './alarm-family.ts';

const TITLES: Readonly<Record<SignalKind, readonly [title: string, description: string]>> = {
  volatility: ['Price is volatile', 'The price deviation within a minute is above its absolute threshold.'],
  'volatility-bps': [
    'Price is volatile',
    'The price deviation within a minute is above its threshold in basis points.',
  ],
  'volume-spike': ['Volume spike', 'The base volume of 10 seconds is above its absolute threshold.'],
  'volume-baseline': ['Unusual volume', 'The base volume of 10 seconds stands out from its moving baseline.'],
  'price-spike': ['Price spike', 'A price is far off the average of the last two minutes.'],
  whale: ['Whale trade', 'A single trade is worth more than the whale threshold.'],
  imbalance: ['One-sided trading', 'Takers of the last minute are nearly all buyers or nearly all sellers.'],
  'wide-spread': ['Spread widened', 'The largest spread of 30 seconds is a multiple of its smallest.'],
  'wide-spread-bps': [
    'Spread is wide',
    'The largest spread of 30 seconds is above its threshold in basis points.',
  ],
};

/** At least one signal opened in the period; silence means none did. */
const RAISED: AlarmRule & Pick<AlarmFamily, 'metric'> = {
  metric: METRICS.signalsRaised.name,
  statistic: 'Sum',
  periodSeconds: 10,
  datapointsToAlarm: 1,
  evaluationPeriods: 1,
  comparison: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  missingData: 'notBreaching',
};

/** The signal is open; a symbol that says nothing is as it was. */
const OPEN: typeof RAISED = {
  ...RAISED,
  metric: METRICS.signalsOpen.name,
  statistic: 'Maximum',
  missingData: 'ignore',
};

/** One family for each kind of market signal. */
export const MARKET_FAMILIES: readonly AlarmFamily[] = SIGNAL_KINDS.map((kind) => {
  const [title, description] = TITLES[kind];
  return {
    family: familyOf(kind),
    severity: isMoment(kind) ? 'info' : 'warning',
    title,
    description,
    namespace: METRIC_NAMESPACE,
    unit: 'Count',
    instanceDimension: 'Symbol',
    ...(isListed(kind) ? RAISED : OPEN),
  };
});

/**
 * The market alarms: for each kind one per symbol for the first 20 symbols, and one for all symbols beyond. The
 * latter count openings, because a gauge shared by many symbols would flap.
 */
export function marketAlarms(symbols: readonly MarketSymbol[]): readonly AlarmDefinition[] {
  const own = symbolsOfTheirOwn(symbols);
  const instances = symbols.length > own.length ? [...own, OTHER] : own;
  return SIGNAL_KINDS.flatMap((kind, index) => {
    const family = MARKET_FAMILIES[index];
    if (family === undefined) return [];
    return instances.map((symbol) =>
      alarmOf(family, symbol, [['Kind', kind]], symbol === OTHER ? RAISED : {}),
    );
  });
}

/** The alarm family of a kind of signal. */
export function familyOf(kind: SignalKind): string {
  return `market-${kind}`;
}

/** Whether alarms of this kind list every signal since the last post: many may fall into one alarm. */
export function isListed(kind: SignalKind): boolean {
  return isMoment(kind) || kind === 'price-spike';
}
