import type { TopicNames } from '../../shared/log/topics.ts';
import { thresholdsFor } from '../../shared/signals/thresholds.ts';
import { DEFAULT_RESOLUTIONS } from '../../shared/window/resolution.ts';
import type { AggregateOptions } from './aggregate.ts';

/** Days that the log keeps a trade: what is older cannot revise its window any more. */
export const LOG_RETENTION_DAYS = 7;

/** What the deployment decides of the aggregate. */
export interface AggregateChoices {
  readonly topics: TopicNames;
  readonly watermarkDelayMs: number;
  /** Whether every trade and quote becomes a row: on by default on one machine, off on AWS. */
  readonly keepEvents: boolean;
}

/** The aggregate's options: the windows of DESIGN section 5 and the thresholds of the settings file. */
export function aggregateOptions(choices: AggregateChoices): AggregateOptions {
  const { topics, keepEvents } = choices;
  const delayUs = choices.watermarkDelayMs * 1_000;
  return {
    trades: {
      rules: {
        resolutions: DEFAULT_RESOLUTIONS,
        delayUs,
        retentionUs: LOG_RETENTION_DAYS * 86_400_000_000,
      },
      thresholds: (symbol) => thresholdsFor(symbol),
      keepTrades: keepEvents,
      rawTopic: topics.rawTrades,
    },
    quotes: {
      delayUs,
      thresholds: (symbol) => thresholdsFor(symbol),
      keepQuotes: keepEvents,
      rawTopic: topics.rawQuotes,
    },
    quotesTopic: topics.quotes,
    deadLetterTopic: topics.deadLetters,
    auditTopic: topics.audits,
    alertsTopic: topics.alerts,
  };
}
