import type { LetterSource } from '../../../functions/dead-letter/letter-book.ts';
import type { TopicNames } from '../../../shared/log/topics.ts';

/** Where the dead letters of these settings stand. */
export function letterTopics(topics: TopicNames): Pick<LetterSource, 'deadLetterTopic' | 'rawTopics'> {
  return {
    deadLetterTopic: topics.deadLetters,
    rawTopics: { [topics.trades]: topics.rawTrades, [topics.quotes]: topics.rawQuotes },
  };
}
