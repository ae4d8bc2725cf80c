import type { Setting } from './setting.ts';
import { SETTINGS } from './settings.ts';

/** The settings for `--help`: variable, flag, default, what is allowed, and what it does. */
export function settingsHelp(): string {
  return all()
    .map((setting) => {
      const flag = setting.flag === undefined ? '' : `, --${setting.flag}`;
      const byDefault = setting.default === null ? 'none' : setting.default;
      return `  ${setting.name}${flag}\n      ${setting.meaning}\n      Allowed: ${setting.allowed}. Default: ${byDefault}.`;
    })
    .join('\n');
}

/** The text of `.env.example`; a test holds the file to it. */
export function envExample(): string {
  const head =
    '# The settings of the monitor. Copy this file to .env and change what you need; what is commented out has its default.\n';
  const blocks = all().map(
    (setting) =>
      `# ${setting.meaning}\n# Allowed: ${setting.allowed}.\n# ${setting.name}=${setting.default ?? ''}\n`,
  );
  return [head, ...blocks].join('\n');
}

function all(): readonly Setting<unknown>[] {
  return Object.values<Setting<unknown>>(SETTINGS);
}
