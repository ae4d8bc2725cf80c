import { settingsOrUsage } from '../../infra/local/cli/command-settings.ts';
import { openRecording } from '../../infra/local/recordings/recording.ts';
import { runReplay } from '../../infra/local/replay/run-replay.ts';

/** Where a replay is to be killed: after so many of something. */
export interface KillPoint {
  /**
   * `frames` read; `validated` events produced, their offsets not committed; `rows` in the store, the state not
   * committed; `aggregated` events, their offsets not committed; `final` rows of candles.
   */
  readonly after: 'frames' | 'validated' | 'rows' | 'aggregated' | 'final';
  readonly count: number;
}

/**
 * A replay that kills its own process with SIGKILL: `node killed-replay.ts <folder> <path> <after> <count>`. Its
 * settings come as JSON in `REPLAY_ENVIRONMENT`.
 */
const [dir = '', path = '', after = '', count = '0'] = process.argv.slice(2);
const environment = JSON.parse(process.env.REPLAY_ENVIRONMENT ?? '{}') as Record<string, string>;
let left = Number(count);

function note(what: KillPoint['after'], times: number): void {
  if (what !== after) return;
  left -= times;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
}

await runReplay({
  recording: await openRecording([path]),
  description: path,
  dir,
  settings: settingsOrUsage(environment, {}),
  environment,
  speed: 'max',
  again: false,
  onProgress: () => note('frames', 1_000),
  watch: {
    onValidated: ({ events }) => note('validated', events.trade + events.quote + events.tick),
    onAggregated: ({ trades, quotes }) => note('aggregated', trades + quotes),
    onRows: (rows) => {
      note('rows', rows.length);
      const finals = rows.filter(
        ({ table, columns }) =>
          table === 'candles' && columns.some(({ name, value }) => name === 'final' && value === 'true'),
      );
      note('final', finals.length);
    },
  },
});
