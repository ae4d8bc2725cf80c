import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settledRange } from '../../../../infra/operator/certificate/settled-range.ts';
import type { LogReader, LogRecord } from '../../../../shared/log/log.ts';

const NOW_MS = Date.parse('2026-11-21T15:23:00Z');

/** A reader of partitions that begin at an offset, with a record of a time. */
function readerOf(
  partitions: readonly { readonly first: number; readonly next: number; readonly at?: string }[],
): LogReader {
  return {
    partitions: async () => partitions.length,
    bounds: async (_, partition) => partitions[partition] ?? { first: 0, next: 0 },
    read: async ({ topic, partition, offset }) => {
      const record: LogRecord = {
        topic,
        partition,
        offset,
        timestampMs: Date.parse(partitions[partition]?.at ?? ''),
        key: null,
        value: null,
        headers: [],
      };
      return [record];
    },
  };
}

async function rangeOf(reader: LogReader, day?: string): Promise<readonly string[]> {
  const range = await settledRange({
    reader,
    rawTradesTopic: 'raw',
    nowMs: NOW_MS,
    ...(day !== undefined && { day }),
  });
  return [range.fromUs, range.toUs].map((us) => new Date(us / 1_000).toISOString().slice(0, 16));
}

describe('the time that a log holds whole', () => {
  const trimmed = readerOf([
    { first: 500, next: 900, at: '2026-11-14T15:02:00Z' },
    { first: 70, next: 90, at: '2026-11-14T15:29:30Z' },
    { first: 4, next: 4 },
    { first: 0, next: 9, at: '2026-11-20T00:00:00Z' },
  ]);

  it('begins after the oldest record of every partition that was cut, and ends with the last quarter settled', async () => {
    // 15:29:30 and the minute that clocks may differ by is past the half hour.
    assert.deepEqual(await rangeOf(trimmed), ['2026-11-14T15:45', '2026-11-21T15:00']);
  });

  it('is kept within the day asked for', async () => {
    assert.deepEqual(await rangeOf(trimmed, '2026-11-16'), ['2026-11-16T00:00', '2026-11-17T00:00']);
    assert.deepEqual(await rangeOf(trimmed, '2026-11-14'), ['2026-11-14T15:45', '2026-11-15T00:00']);
    assert.deepEqual(await rangeOf(trimmed, '2026-11-21'), ['2026-11-21T00:00', '2026-11-21T15:00']);
  });

  it('reaches back to what was fetched for the first watch where nothing was cut', async () => {
    const whole = readerOf([{ first: 0, next: 9, at: '2026-11-20T10:07:00Z' }]);
    assert.deepEqual(await rangeOf(whole), ['2026-11-19T10:15', '2026-11-21T15:00']);
  });

  it('is told where it is none: a day before, a day to come, a log that has just begun', async () => {
    for (const day of ['2026-11-13', '2026-11-22']) {
      await assert.rejects(rangeOf(trimmed, day), {
        code: 'CERTIFICATE_NOTHING_KEPT',
        message: /It holds 2026-11-14T15:45:00\.000Z to 2026-11-21T15:00:00\.000Z whole\./,
      });
    }
    const young = readerOf([{ first: 7, next: 9, at: '2026-11-21T15:20:00Z' }]);
    await assert.rejects(rangeOf(young), { code: 'CERTIFICATE_NOTHING_KEPT', message: /half an hour/ });
  });
});
