import type { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import type { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { timestreamRowWriter } from '../../../functions/adapters/timestream/row-writer.ts';
import { storedCandles } from '../../../functions/adapters/timestream/stored-candles.ts';
import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import {
  type RebuildDeps,
  type RebuildRange,
  type RebuildReport,
  rebuild,
} from '../../../functions/aggregate/rebuild.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { LogReader } from '../../../shared/log/log.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import { symbolRecords } from './symbol-records.ts';

/** Where the candles and what they are made of stand. */
export interface RebuildSources {
  readonly reader: LogReader;
  /** Records of recordings, to be folded instead of those of the log. */
  readonly files?: RebuildDeps['records'];
  readonly state: StateStore;
  readonly timestreamWrite: Pick<TimestreamWriteClient, 'send'>;
  readonly timestreamQuery: Pick<TimestreamQueryClient, 'send'>;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** Rebuilds the candles of a range; it fails as {@link rebuild} says. */
export function rebuildCandles(range: RebuildRange, sources: RebuildSources): Promise<RebuildReport> {
  const { reader, files, state, timestreamWrite, timestreamQuery, settings, clock } = sources;
  const topics = topicNames(settings);
  const { timestreamDatabase: database } = settings;
  const { trades } = aggregateOptions({
    topics,
    watermarkDelayMs: settings.watermarkDelayMs,
    keepEvents: false,
  });
  const sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(delayMs, resolve);
    });
  return rebuild(
    range,
    {
      store: state,
      rows: timestreamRowWriter({ client: timestreamWrite, sleep, random: Math.random }, { database }),
      storedCandles: (symbol, fromUs, toUs) =>
        storedCandles(timestreamQuery, database, { symbol, fromUs, toUs }),
      records: files ?? ((symbol, fromOffset) => symbolRecords(reader, topics.trades, symbol, fromOffset)),
      origin: files === undefined ? 'log' : 'files',
      nowMs: () => clock.nowUs() / 1_000,
    },
    trades,
  );
}
