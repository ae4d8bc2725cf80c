import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RejectedRecordsException } from '@aws-sdk/client-timestream-write';
import fc from 'fast-check';
import { closeRecord, startStore } from '../clients.ts';

const START_MS = Date.UTC(2024, 7, 8, 23, 55);

const records = fc.array(
  fc.record({
    symbol: fc.constantFrom('A', 'B'),
    minute: fc.integer({ min: 0, max: 3 }),
    version: fc.integer({ min: 1, max: 4 }),
    close: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('any calls, one after another, leave the rows and rejections that the version rule gives', async () => {
  const store = await startStore({ nowMs: () => START_MS + 600_000 });
  let run = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(records, { minLength: 1, maxLength: 4 }), async (calls) => {
        run += 1;
        const model = new Map<string, { version: number; close: number }>();
        for (const call of calls) {
          const expected: number[] = [];
          for (const [index, { symbol, minute, version, close }] of call.entries()) {
            const key = `${symbol}${minute}`;
            const stored = model.get(key);
            if (stored === undefined || version > stored.version) model.set(key, { version, close });
            else if (close !== stored.close) expected.push(index);
          }
          const sent = call.map(({ symbol, minute, version, close }) =>
            closeRecord(`${run}${symbol}`, START_MS + minute * 60_000, close, version),
          );
          const rejected = await store.put('candles', sent).then(
            () => [],
            (error: unknown) => {
              assert.ok(error instanceof RejectedRecordsException);
              return error.RejectedRecords?.map(({ RecordIndex }) => RecordIndex);
            },
          );
          assert.deepEqual(rejected, expected);
        }
        const rows = await store.rows(
          `SELECT substr(symbol, length(symbol)), minute(time) - 55, close FROM "market"."candles" ` +
            `WHERE symbol IN ('${run}A', '${run}B')`,
        );
        assert.deepEqual(
          rows.map(([symbol, minute, close]) => `${symbol}${minute} ${close}`).toSorted(),
          [...model].map(([key, { close }]) => `${key} ${close}`).toSorted(),
        );
      }),
      { numRuns: 40 },
    );
  } finally {
    await store.close();
  }
});
