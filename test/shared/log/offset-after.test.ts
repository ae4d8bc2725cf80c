import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '../../../shared/log/log.ts';
import { offsetAfter } from '../../../shared/log/offset-after.ts';

const FROM = { topic: 't', partition: 2, offset: 7 };

test('reading goes on after the last record, and nothing before the end is no end', () => {
  const record: LogRecord = { ...FROM, offset: 9, timestampMs: 0, key: null, value: null, headers: [] };
  assert.equal(offsetAfter([{ ...record, offset: 7 }, record], FROM, 20), 10);
  assert.throws(() => offsetAfter([], FROM, 20), {
    code: 'LOG_READ_SHORT',
    message: /partition 2 gave nothing from offset 7 on, though it reached to 20/,
  });
});
