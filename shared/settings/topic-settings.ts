import { DEFAULT_TOPIC_NAMES, type TopicNames } from '../log/topics.ts';
import type { SettingFault } from './kafka-settings.ts';

/** The setting of each topic's name. */
export const TOPIC_SETTINGS: { readonly [Topic in keyof TopicNames]: string } = {
  rawTrades: 'KAFKA_RAW_TRADES_TOPIC',
  rawQuotes: 'KAFKA_RAW_QUOTES_TOPIC',
  trades: 'KAFKA_TRADES_TOPIC',
  quotes: 'KAFKA_QUOTES_TOPIC',
  deadLetters: 'KAFKA_DLQ_TOPIC',
  ledger: 'KAFKA_LEDGER_TOPIC',
  audits: 'KAFKA_AUDITS_TOPIC',
  alerts: 'KAFKA_ALERTS_TOPIC',
};

/** The topics' names, or what is wrong with them. */
export type ParsedTopicNames =
  | { readonly kind: 'names'; readonly names: TopicNames }
  | { readonly kind: 'faults'; readonly faults: readonly SettingFault[] };

/** Reads the topics' names: what is not set has its default. Kafka's own rules for names hold. */
export function parseTopicNames(env: Readonly<Record<string, string | undefined>>): ParsedTopicNames {
  const faults: SettingFault[] = [];
  const used = new Map<string, string>();
  const name = (topic: keyof TopicNames): string => {
    const setting = TOPIC_SETTINGS[topic];
    const text = env[setting]?.trim() || DEFAULT_TOPIC_NAMES[topic];
    if (!/^[\w.-]{1,249}$/.test(text) || text === '.' || text === '..') {
      faults.push({
        name: setting,
        message: `must be letters, digits, '.', '_' and '-', 249 at most: '${text}'.`,
      });
    }
    const other = used.get(text);
    if (other !== undefined) {
      faults.push({ name: setting, message: `names the same topic as ${other}: '${text}'.` });
    }
    used.set(text, setting);
    return text;
  };
  const names: TopicNames = {
    rawTrades: name('rawTrades'),
    rawQuotes: name('rawQuotes'),
    trades: name('trades'),
    quotes: name('quotes'),
    deadLetters: name('deadLetters'),
    ledger: name('ledger'),
    audits: name('audits'),
    alerts: name('alerts'),
  };
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'names', names };
}
