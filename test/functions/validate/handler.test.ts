import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createValidateHandler } from '../../../functions/validate/handler.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { encodeRawHeader } from '../../../shared/events/raw-header.ts';
import type { MSKEvent } from '../../../shared/log/kafka-event.ts';
import type { OutgoingRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES } from '../../../shared/log/topics.ts';
import { combined, RECEIVED_US, tradeData } from '../../shared/binance/frames.ts';
import { INVOCATION } from '../invocation.ts';

const options = { rules: DEFAULT_VALIDATION_RULES, topics: DEFAULT_TOPIC_NAMES };

function lambdaEvent(values: readonly string[]): MSKEvent {
  const header = encodeRawHeader({ receivedUs: RECEIVED_US, connection: 't0-1', source: 'live', frame: 7 });
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/market/1',
    bootstrapServers: 'b-1:9098',
    records: {
      'binance.raw.trades-2': values.map((value, index) => ({
        topic: 'binance.raw.trades',
        partition: 2,
        offset: 15 + index,
        timestamp: 1_723_161_254_000,
        timestampType: 'CREATE_TIME',
        key: Buffer.from('BTCUSDT').toString('base64'),
        value: Buffer.from(value).toString('base64'),
        headers: [{ m: [...Buffer.from(header)] }],
      })),
    },
  };
}

test('a batch is sent in one call, and its counts are told', async () => {
  const sent: (readonly OutgoingRecord[])[] = [];
  const producer = {
    send: async (records: readonly OutgoingRecord[]) => {
      sent.push(records);
      return [];
    },
    close: async () => {},
  };
  const told: number[] = [];
  const handler = createValidateHandler({ producer, nowMs: () => 1 }, options, ({ events }) =>
    told.push(events.trade),
  );
  const answer = await handler(
    lambdaEvent([combined('trade', tradeData), 'x', combined('trade', tradeData)]),
    INVOCATION,
  );
  assert.deepEqual(answer, { batchItemFailures: [] });
  assert.deepEqual(
    sent.map((records) => records.map(({ topic }) => topic)),
    [['binance.trades', 'binance.dlq', 'binance.trades']],
  );
  assert.match(
    String(sent[0]?.[0]?.value),
    /"ingestion_time_ms":1723161254087\.897,.*"raw_partition":2,"raw_offset":15\}$/,
  );
  assert.deepEqual(told, [2]);
  await handler(lambdaEvent([]), INVOCATION);
  assert.equal(sent.length, 1);
});

test('when the log cannot be written the batch is given back', async () => {
  const producer = { send: () => Promise.reject(new Error('no broker')), close: async () => {} };
  const handler = createValidateHandler({ producer, nowMs: () => 1 }, options);
  await assert.rejects(handler(lambdaEvent(['x']), INVOCATION), /no broker/);
});
