import type { TopicSpec } from './log.ts';

const DAY_MS = 86_400_000;

/** The names of the topics, each a setting; DESIGN names the defaults. */
export interface TopicNames {
  readonly rawTrades: string;
  readonly rawQuotes: string;
  readonly trades: string;
  readonly quotes: string;
  readonly deadLetters: string;
  readonly ledger: string;
  readonly audits: string;
  readonly alerts: string;
}

/** The topics' default names. */
export const DEFAULT_TOPIC_NAMES: TopicNames = {
  rawTrades: 'binance.raw.trades',
  rawQuotes: 'binance.raw.quotes',
  trades: 'binance.trades',
  quotes: 'binance.book-ticker',
  deadLetters: 'binance.dlq',
  ledger: 'binance.ledger',
  audits: 'binance.audits',
  alerts: 'signals.alerts',
};

/** Every topic of the pipeline with its partitions and retention: 7 days, dead letters 30, the ledger compacted. */
export function topicSpecs(names: TopicNames): readonly TopicSpec[] {
  const kept = (name: string, partitions: number, days = 7): TopicSpec => ({
    name,
    partitions,
    retentionMs: days * DAY_MS,
    compacted: false,
  });
  return [
    kept(names.rawTrades, 6),
    kept(names.rawQuotes, 6),
    kept(names.trades, 6),
    kept(names.quotes, 6),
    kept(names.deadLetters, 1, 30),
    { name: names.ledger, partitions: 1, retentionMs: -1, compacted: true },
    kept(names.audits, 1),
    kept(names.alerts, 3),
  ];
}
