import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { parseTopicNames } from '../../../shared/settings/topic-settings.ts';

test('topics that are not named have their default names', () => {
  assert.deepEqual(parseTopicNames({ KAFKA_TRADES_TOPIC: 'mine', KAFKA_DLQ_TOPIC: '' }), {
    kind: 'names',
    names: { ...DEFAULT_TOPIC_NAMES, trades: 'mine' },
  });
});

test('a name that Kafka would refuse, or that is used twice, is told with its setting', () => {
  const faults = (env: Record<string, string>) => {
    const parsed = parseTopicNames(env);
    return parsed.kind === 'faults' ? parsed.faults.map(({ name }) => name) : [];
  };
  assert.deepEqual(faults({ KAFKA_TRADES_TOPIC: 'a b' }), ['KAFKA_TRADES_TOPIC']);
  assert.deepEqual(faults({ KAFKA_LEDGER_TOPIC: '..' }), ['KAFKA_LEDGER_TOPIC']);
  assert.deepEqual(faults({ KAFKA_QUOTES_TOPIC: 'binance.trades' }), ['KAFKA_QUOTES_TOPIC']);
});
