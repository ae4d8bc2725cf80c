import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import type { FeedRecord } from '../../../functions/aggregate/feed.ts';
import type { RebuildDeps } from '../../../functions/aggregate/rebuild.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import type { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import {
  lowThresholds,
  makeAggregate,
  makeSurroundings,
  NOW_MS,
  plainRows,
  toEvent,
  toRecords,
} from './aggregate-fixtures.ts';

/** The symbol that the tests rebuild. */
export const SYMBOL = 'BTCUSDT';

/** The rules of the aggregate: the flags in the rows follow the thresholds that the fold went by. */
export const RULES = {
  ...aggregateOptions({ topics: DEFAULT_TOPIC_NAMES, watermarkDelayMs: 10_000, keepEvents: false }).trades,
  thresholds: lowThresholds,
};

/** What a rebuild of a log of events stands on. */
export function deps(
  surroundings: Pick<RebuildDeps, 'store'> & { readonly rows: MemoryRowStore },
  log: readonly MarketEvent[],
): RebuildDeps {
  return {
    store: surroundings.store,
    rows: surroundings.rows,
    nowMs: () => NOW_MS,
    storedCandles: async (symbol, fromUs, toUs) =>
      surroundings.rows
        .table('candles')
        .filter((row) => row.dimensions[0]?.[1] === symbol)
        .filter((row) => Number(row.timeNs) >= fromUs * 1000 && Number(row.timeNs) < toUs * 1000)
        .map((row) => ({
          resolution: row.dimensions[1]?.[1] ?? '',
          timeNs: row.timeNs,
          values: Object.fromEntries(row.columns.map(({ name, value }) => [name, value])),
        })),
    records: async function* (symbol, fromOffset = 0): AsyncGenerator<FeedRecord> {
      yield* recordsOf(log, symbol).filter((record) => record.offset >= fromOffset);
    },
  };
}

/** The records of a symbol's trades topic, each at its place in the log. */
export function recordsOf(log: readonly MarketEvent[], symbol: string) {
  return toRecords(log).filter(
    ({ topic }, at) => log[at]?.symbol === symbol && topic === DEFAULT_TOPIC_NAMES.trades,
  );
}

/** The range of all trades of a log. */
export function rangeOf(log: readonly MarketEvent[]) {
  const times = log.flatMap((event) => (event.kind === 'trade' ? [event.tradeTimeUs] : []));
  return { symbol: SYMBOL, fromUs: Math.min(...times), toUs: Math.max(...times) + 1 };
}

/** Folds the events of a log that `isFolded` lets through, each at its place in the log. */
export async function fold(
  log: readonly MarketEvent[],
  surroundings = makeSurroundings(),
  isFolded: (event: MarketEvent, index: number) => boolean = () => true,
) {
  const records = toRecords(log).filter((_record, at) => {
    const event = log[at];
    return event !== undefined && isFolded(event, at);
  });
  await makeAggregate(surroundings, false).process(toEvent(records));
  return surroundings;
}

/** The symbol's candles without these columns. */
export function candlesWithout(rows: MemoryRowStore, columns: readonly string[]) {
  const of = rows.table('candles').filter((row) => row.dimensions[0]?.[1] === SYMBOL);
  return plainRows(of).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !columns.includes(name))),
  );
}

/** The market columns: what was late in one run need not be in the other. */
export function market(rows: MemoryRowStore) {
  return candlesWithout(rows, ['coverage', 'revision', 'reason', 'version', 'audit']);
}
