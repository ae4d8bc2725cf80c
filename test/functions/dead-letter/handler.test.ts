import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeadLetterHandler, type DeadLetterReport } from '../../../functions/dead-letter/handler.ts';
import { encodeRedriveMark, REDRIVE_MARK_HEADER } from '../../../shared/events/redrive-mark.ts';
import type { MSKEvent } from '../../../shared/log/kafka-event.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row, WriteOutcome } from '../../../shared/row.ts';
import { INVOCATION } from '../invocation.ts';

const event: MSKEvent = {
  eventSource: 'aws:kafka',
  eventSourceArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/market/1',
  bootstrapServers: 'b-1:9098',
  records: {
    'binance.dlq-0': [
      {
        topic: 'binance.dlq',
        partition: 0,
        offset: 4,
        timestamp: 1_723_161_300_000,
        timestampType: 'CREATE_TIME',
        value: Buffer.from('anything').toString('base64'),
        headers: [],
      },
    ],
  },
};

test('a row that the store refuses is told and makes no further dead letter', async () => {
  const reports: DeadLetterReport[] = [];
  const write = async (rows: readonly Row[]): Promise<WriteOutcome> => ({
    written: 0,
    superseded: 0,
    refused: rows.map((row) => ({ row, reason: 'too old' })),
  });
  const handler = createDeadLetterHandler({ rows: { write } }, { rawTopics: {} }, (report) =>
    reports.push(report),
  );
  assert.deepEqual(await handler(event, INVOCATION), { batchItemFailures: [] });
  assert.equal(reports[0]?.refused[0]?.reason, 'too old');
  assert.deepEqual(reports[0]?.byReason, { DELIVERY_FAILED: 1 });
});

test('when the store cannot be reached the batch is given back', async () => {
  const handler = createDeadLetterHandler(
    { rows: { write: () => Promise.reject(new Error('no store')) } },
    { rawTopics: {} },
  );
  await assert.rejects(handler(event, INVOCATION), /no store/);
});

test('a mark of letters that went back is no letter', async () => {
  const store = new MemoryRowStore();
  const told: unknown[] = [];
  const handler = createDeadLetterHandler({ rows: store }, { rawTopics: {} }, ({ byReason }) =>
    told.push(byReason),
  );
  const mark = {
    topic: 'binance.dlq',
    partition: 0,
    offset: 9,
    timestamp: 1_723_161_300_000,
    timestampType: 'CREATE_TIME' as const,
    value: Buffer.from(encodeRedriveMark([{ partition: 0, offset: 4 }])).toString('base64'),
    headers: [{ [REDRIVE_MARK_HEADER]: [49] }],
  };
  await handler(
    {
      eventSource: 'aws:kafka',
      eventSourceArn: 'a',
      bootstrapServers: 'b',
      records: { 'binance.dlq-0': [mark] },
    },
    INVOCATION,
  );
  assert.deepEqual([store.table('dead_letters'), told], [[], [{}]]);
});
