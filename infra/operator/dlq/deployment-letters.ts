import { timestreamRowWriter } from '../../../functions/adapters/timestream/row-writer.ts';
import { redrive } from '../../../functions/dead-letter/redrive.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { Clock } from '../../../shared/clock.ts';
import { type Settings, topicNames } from '../../../shared/settings/settings.ts';
import type { OpenDeployment } from '../open-deployment.ts';
import { letterTopics } from './letter-topics.ts';
import type { Letters } from './run-dlq.ts';

/** The dead letters of a deployment, put back by the rules of its validation. */
export function deploymentLetters(
  { log, timestreamWrite: client }: Pick<OpenDeployment, 'log' | 'timestreamWrite'>,
  settings: Settings,
  clock: Clock,
): Letters {
  const topics = letterTopics(topicNames(settings));
  const { allowedSymbols, timestreamDatabase: database } = settings;
  const symbols = allowedSymbols.includes('*') ? undefined : new Set(allowedSymbols);
  const sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(delayMs, resolve);
    });
  return {
    open: async () => ({ source: { reader: await log.reader(), ...topics }, close: async () => {} }),
    redrive: async (filter) => {
      const producer = await log.producer();
      try {
        return await redrive(
          {
            reader: await log.reader(),
            producer,
            rows: async () => timestreamRowWriter({ client, sleep, random: Math.random }, { database }),
            rules: { ...DEFAULT_VALIDATION_RULES, symbols },
            ...topics,
          },
          filter,
        );
      } finally {
        await producer.close();
      }
    },
  };
}
