import { type KafkaSettings, parseKafkaSettings } from './kafka-settings.ts';
import type { Setting } from './setting.ts';
import { SETTINGS, type Settings } from './settings.ts';
import { parseTopicNames } from './topic-settings.ts';

/** A setting that cannot be used. */
export interface SettingFault {
  /** The variable, or the flag where the flag was given. */
  readonly name: string;
  /** What was given; hidden for secrets. */
  readonly given: string;
  readonly allowed: string;
  /** The whole as a sentence. */
  readonly message: string;
}

/** Texts by name; undefined and empty count as not given. */
export type Given = Readonly<Record<string, string | undefined>>;

/**
 * Reads all settings from the environment and the flags (by their names without dashes; a flag wins). All faults
 * are told together. Pure: nothing is read from the process. The result is frozen.
 */
export function readSettings(
  environment: Given,
  flags: Given = {},
):
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'faults'; readonly faults: readonly SettingFault[] } {
  const faults: SettingFault[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const flag = setting.flag === undefined ? undefined : flags[setting.flag];
    const given = flag || environment[setting.name] || setting.default;
    if (given === null) {
      values[key] = setting.absent;
      continue;
    }
    const parsed = setting.parse(given.trim());
    if (parsed === undefined) faults.push(fault(setting, flag ? `--${setting.flag}` : setting.name, given));
    else values[key] = parsed.value;
  }
  const known = new Set(Object.values<Setting<unknown>>(SETTINGS).map((setting) => setting.flag));
  for (const [flag, given] of Object.entries(flags))
    if (given !== undefined && !known.has(flag))
      faults.push({
        name: `--${flag}`,
        given,
        allowed: 'a flag that --help lists',
        message: `--${flag} is not a flag of the monitor. --help lists them.`,
      });
  values.kafka = readKafka(environment, faults);
  // Every key of SETTINGS has a value of its own parser here, which the compiler cannot see through the loop.
  const settings = Object.freeze(values) as Settings;
  if (faults.length === 0) faults.push(...crossFaults(settings));
  return faults.length === 0 ? { kind: 'settings', settings } : { kind: 'faults', faults };
}

function readKafka(environment: Given, faults: SettingFault[]): KafkaSettings | null {
  const kafka = parseKafkaSettings(environment);
  const topics = parseTopicNames(environment);
  const own = new Set(faults.map((fault) => fault.name));
  const found = [
    ...(kafka.kind === 'faults' ? kafka.faults : []),
    ...(topics.kind === 'faults' ? topics.faults.filter(({ name }) => !own.has(name)) : []),
  ];
  for (const { name, message } of found) {
    const setting = Object.values<Setting<unknown>>(SETTINGS).find((candidate) => candidate.name === name);
    const given = setting?.isSecret ? '(hidden)' : (environment[name] ?? '');
    faults.push({ name, given, allowed: setting?.allowed ?? '', message: `${name} ${message}` });
  }
  return kafka.kind === 'kafka' ? kafka.settings : null;
}

function crossFaults(settings: Settings): readonly SettingFault[] {
  if (settings.maxReconnectDelayS >= settings.reconnectDelayS) return [];
  return [
    fault(
      SETTINGS.maxReconnectDelayS,
      'MAX_RECONNECT_DELAY_S',
      String(settings.maxReconnectDelayS),
      'RECONNECT_DELAY_S or more',
    ),
  ];
}

function fault(
  setting: Setting<unknown>,
  name: string,
  given: string,
  allowed = setting.allowed,
): SettingFault {
  const shown = setting.isSecret ? '(hidden)' : given;
  return {
    name,
    given: shown,
    allowed,
    message: `${name} is "${shown}"; allowed: ${allowed}. ${setting.meaning}`,
  };
}
