import { partitionRecords } from '../../shared/log/event-records.ts';
import type { MSKEvent } from '../../shared/log/kafka-event.ts';
import { EvenSample } from '../../shared/metrics/even-sample.ts';
import type { Invocation } from '../../shared/metrics/function-metrics.ts';
import type { MetricBatch } from '../../shared/metrics/metric-batch.ts';
import { METRICS } from '../../shared/metrics/metric-catalogue.ts';
import { addSignalMetrics } from '../../shared/metrics/signal-metrics.ts';
import type { MarketSymbol, Millis } from '../../shared/units.ts';
import type { AggregateCounts } from './aggregate.ts';
import type { Effects } from './effects.ts';
import type { Feed } from './feed.ts';

/** How often the signals of a symbol are told as open or not where nothing changed. */
const REFRESH_MS: Millis = 5_000;

interface Told {
  readonly episodes: string;
  readonly atMs: Millis;
}

/**
 * What an instance of the aggregate last told of each feed's signals. Each kind and symbol is a line of its own,
 * so they are told when something changed and every few seconds, not with every invocation.
 */
export class SignalGauges {
  readonly #told = new Map<string, Told>();

  /** The signals of a stretch, on their way to the log. A signal that opens is emitted at once: before the state. */
  tell(
    invocation: Invocation,
    symbol: MarketSymbol,
    feed: Pick<Feed, 'key' | 'episodes'>,
    effects: Pick<Effects, 'signals'>,
    nowMs: Millis,
  ): void {
    const episodes = feed.episodes.map(({ isOpen }) => (isOpen ? '1' : '0')).join('');
    const told = this.#told.get(feed.key);
    const isDue = told?.episodes !== episodes || nowMs - told.atMs >= REFRESH_MS || nowMs < told.atMs;
    if (!isDue && effects.signals.length === 0) return;
    const raised = effects.signals.map(({ signal }) => signal);
    addSignalMetrics(invocation.batch, invocation.batch.bounds, symbol, raised, feed.episodes);
    this.#told.set(feed.key, { episodes, atMs: nowMs });
    if (raised.length > 0) invocation.flush();
  }
}

/** What a stretch of one feed changed, once its state is stored. */
export function addFoldMetrics(
  batch: MetricBatch,
  symbol: MarketSymbol,
  isQuotes: boolean,
  effects: Effects,
  foldedMs: Millis,
): void {
  const { counts } = effects;
  if (isQuotes) batch.add(METRICS.quotesFolded, counts.quotes, { Symbol: symbol });
  else batch.add(METRICS.tradesFolded, counts.trades, { Symbol: symbol });
  batch.add(METRICS.duplicates, counts.duplicates);
  batch.add(METRICS.candlesChecked, counts.checked);
  batch.add(METRICS.candlesDiffering, counts.mismatches);
  for (const receivedUs of effects.receivedUs.values) {
    batch.add(METRICS.hopLatencyMs, foldedMs - receivedUs / 1000, { Hop: 'log' });
  }
}

/** What a whole invocation came to. */
export function addInvocationMetrics(
  batch: MetricBatch,
  event: MSKEvent,
  counts: Pick<AggregateCounts, 'lostRaces'>,
  nowMs: Millis,
): void {
  batch.add(METRICS.stateConflicts, counts.lostRaces);
  const appended = new EvenSample();
  for (const { records } of partitionRecords(event)) {
    for (const record of records) appended.add(record.timestamp);
  }
  for (const appendedMs of appended.values) {
    batch.add(METRICS.hopLatencyMs, nowMs - appendedMs, { Hop: 'row' });
  }
}
