import type { RebuildRange, RebuildReport } from '../../../functions/aggregate/rebuild.ts';
import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { rebuildCandles } from '../../operator/rebuild/rebuild-candles.ts';
import { requireStopped } from '../data-folder/require-stopped.ts';
import { openLog } from '../pipeline/open-log.ts';
import { openStores } from '../pipeline/open-stores.ts';
import { openRecording, type Recording } from '../recordings/recording.ts';
import { fileRecords } from './file-records.ts';

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
 * where something does, with the codes of {@link openRecording} where files cannot be read, else as
 * {@link rebuildCandles} says.
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
      const { state, clients } = stores;
      const topics = topicNames(settings);
      const report = await rebuildCandles(range, {
        reader: await log.reader(),
        ...(recording && { files: (symbol) => fileRecords(recording, topics, symbol) }),
        state,
        ...clients,
        settings,
        clock,
      });
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
