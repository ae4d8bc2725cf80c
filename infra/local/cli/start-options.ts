import type { parseArgs } from 'node:util';
import type { Setting } from '../../../shared/settings/setting.ts';
import { SETTINGS, type Settings } from '../../../shared/settings/settings.ts';
import { usageError } from '../../operator/cli-failure.ts';
import { readFlags } from '../../operator/read-flags.ts';
import { DEFAULT_SEED } from '../data-folder/feed-claim.ts';
import type { FeedWish } from '../run/choose-feed.ts';
import { settingsOrUsage } from './command-settings.ts';
import { replaySpeed } from './replay-speed.ts';

/** What `npm start` was asked to run. */
export type StartOptions =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'feed';
      readonly wish: FeedWish;
      readonly seed: number;
      readonly settings: Settings;
      readonly isPortNamed: boolean;
    }
  | {
      readonly kind: 'recording';
      readonly paths: readonly string[];
      readonly speed: number | 'max';
      readonly again: boolean;
      readonly settings: Settings;
      /** Null takes all that the recording holds. */
      readonly symbols: Settings['symbols'] | null;
      readonly streams: Settings['streams'] | null;
    };

type Environment = Readonly<Record<string, string | undefined>>;
type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

const OWN_FLAGS = {
  live: { type: 'boolean' },
  simulated: { type: 'boolean' },
  seed: { type: 'string' },
  recording: { type: 'string', multiple: true },
  speed: { type: 'string' },
  again: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const SETTING_FLAGS: readonly string[] = Object.values<Setting<unknown>>(SETTINGS).flatMap(({ flag }) =>
  flag === undefined ? [] : [flag],
);

/** Reads the flags of `npm start` over the environment. What is wrong is a `USAGE` error that names what is allowed. */
export function startOptions(args: readonly string[], environment: Environment): StartOptions {
  const { values, positionals } = parsed(args);
  if (values.help === true) return { kind: 'help' };
  const flags = Object.fromEntries(SETTING_FLAGS.map((flag) => [flag, textOf(values, flag)]));
  const settings = settingsOrUsage(environment, flags);
  const recording = Array.isArray(values.recording) ? values.recording.map(String) : [];
  const asked = ['live', 'simulated', 'recording'].filter((name) => values[name] !== undefined);
  if (asked.length > 1)
    throw usageError(`--${asked.join(' and --')} exclude each other: a run has one feed. See --help.`);
  if (recording.length > 0) {
    const { symbols, streams } = settings;
    refuse(values, ['seed'], '--simulated');
    return {
      kind: 'recording',
      paths: [...recording, ...positionals],
      speed: replaySpeed(textOf(values, 'speed') ?? '1'),
      again: values.again === true,
      settings,
      symbols: values.symbols === undefined ? null : symbols,
      streams: values.streams === undefined ? null : streams,
    };
  }
  if (positionals.length > 0)
    throw usageError(`"${positionals[0]}" is no flag; paths come after --recording. See --help.`);
  refuse(values, ['speed', 'again'], '--recording');
  if (values.live === true) refuse(values, ['seed'], '--simulated');
  return {
    kind: 'feed',
    wish: values.live === true ? 'live' : values.simulated === true ? 'simulated' : 'auto',
    seed: seedOf(textOf(values, 'seed')),
    settings,
    isPortNamed: Boolean(values['health-port'] ?? environment.HEALTH_PORT),
  };
}

function parsed(args: readonly string[]): {
  readonly values: Values;
  readonly positionals: readonly string[];
} {
  const options: NonNullable<Parameters<typeof parseArgs>[0]>['options'] = { ...OWN_FLAGS };
  for (const flag of SETTING_FLAGS) options[flag] = { type: 'string' };
  return readFlags({ args: [...args], allowPositionals: true, options });
}

function refuse(values: Values, flags: readonly string[], belongsTo: string): void {
  const found = flags.find((flag) => values[flag] !== undefined);
  if (found !== undefined) throw usageError(`--${found} goes with ${belongsTo} only. See --help.`);
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SEED;
  const seed = Number(text);
  if (/^\d{1,15}$/.test(text)) return seed;
  throw usageError(`--seed is "${text}"; allowed: a whole number from 0 to 999999999999999.`);
}

function textOf(values: Values, flag: string): string | undefined {
  const value = values[flag];
  return typeof value === 'string' ? value : undefined;
}
