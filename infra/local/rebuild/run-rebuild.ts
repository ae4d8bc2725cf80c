import { timestreamRowWriter } from '../../../functions/adapters/timestream/row-writer.ts';
import { storedCandles } from '../../../functions/adapters/timestream/stored-candles.ts';
import { aggregateOptions } from '../../../functions/aggregate/aggregate-options.ts';
import { type RebuildRange, type RebuildReport, rebuild } from '../../../functions/aggregate/rebuild.ts';
import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { requireStopped } from '../data-folder/require-stopped.ts';
import { openLog } from '../pipeline/open-log.ts';
import { openStores } from '../pipeline/open-stores.ts';
import { openRecording, type Recording } from '../recordings/recording.ts';
import { fileRecords } from './file-records.ts';
import { symbolRecords } from './symbol-records.ts';

/** What a rebuild on this machine works on. */
export interface RunRebuildOptions {
  readonly range: RebuildRange;
  /** Recordings to fold instead of the log: what a replay takes. */
  readonly files?: readonly string[];
  /** Gets what is to be said of the recordings: what ended early or was left out. */
  readonly onWarning?: (warning: string) => void;
  readonly dir: string;
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/**
 * Rebuilds the candles of a data folder on which nothing runs. Fails with `DATA_FOLDER_RUNNING` or `LOG_IN_USE`
 * where something does, with the codes of {@link openRecording} where files cannot be read, else as {@link rebuild}
 * says.
 */
export async function runRebuild(options: RunRebuildOptions): Promise<RebuildReport> {
  const { range, dir, settings, clock } = options;
  await requireStopped(dir);
  const recording = options.files && (await openFiles(options.files, range.symbol));
  const log = await openLog(options.environment, dir, clock);
  try {
    // The store's retention follows the time of what is rebuilt: a replay's data may be years old.
    const stores = await openStores(settings, dir, clock, () => range.toUs / 1_000);
    try {
      const topics = topicNames(settings);
      const reader = await log.reader();
      const nowMs = (): number => clock.nowUs() / 1_000;
      const { trades } = aggregateOptions({
        topics,
        watermarkDelayMs: settings.watermarkDelayMs,
        keepEvents: false,
      });
      const { timestreamDatabase } = settings;
      const report = await rebuild(
        range,
        {
          store: stores.state,
          rows: timestreamRowWriter(
            {
              client: stores.clients.timestreamWrite,
              sleep: (delayMs) => new Promise((resolve) => void clock.after(delayMs, resolve)),
              random: Math.random,
            },
            { database: timestreamDatabase },
          ),
          storedCandles: (symbol, fromUs, toUs) =>
            storedCandles(stores.clients.timestreamQuery, timestreamDatabase, { symbol, fromUs, toUs }),
          records: (symbol, fromOffset) =>
            recording === undefined
              ? symbolRecords(reader, topics.trades, symbol, fromOffset)
              : fileRecords(recording, topics, symbol),
          origin: recording === undefined ? 'log' : 'files',
          nowMs,
        },
        trades,
      );
      // Where a file ended early is known only now.
      for (const warning of recording?.warnings ?? []) options.onWarning?.(warning);
      return report;
    } finally {
      await stores.close();
    }
  } finally {
    await log.close();
  }
}

/** All symbols of the files run through ingest: the exchange's time is that of the socket that they share. */
async function openFiles(paths: readonly string[], symbol: MarketSymbol): Promise<Recording> {
  try {
    return await openRecording(paths);
  } catch (error) {
    const isNameless = error instanceof CodedError && error.code === 'RECORDING_SYMBOL_UNKNOWN';
    if (isNameless) return openRecording(paths, { symbols: [symbol] });
    throw error;
  }
}
