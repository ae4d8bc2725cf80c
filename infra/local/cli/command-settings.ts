import { readSettings } from '../../../shared/settings/read-settings.ts';
import type { Settings } from '../../../shared/settings/settings.ts';
import { usageError } from '../../operator/cli-failure.ts';

type Given = Readonly<Record<string, string | undefined>>;

/** The settings of a command; all their faults at once are a wrong call. */
export function settingsOrUsage(environment: Given, flags: Given): Settings {
  const read = readSettings(environment, flags);
  if (read.kind === 'settings') return read.settings;
  throw usageError(read.faults.map((fault) => fault.message).join('\n'));
}
