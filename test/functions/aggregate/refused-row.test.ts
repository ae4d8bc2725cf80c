import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedRow } from '../../../functions/aggregate/refused-row.ts';
import { deadLetterRow } from '../../../functions/dead-letter/dead-letter-row.ts';
import type { Row } from '../../../shared/row.ts';

function row(symbol: string, resolution: string, minute: number, version: bigint): Row {
  return {
    table: 'candles',
    dimensions: [
      ['symbol', symbol],
      ['resolution', resolution],
    ],
    timeNs: String(BigInt(Date.UTC(2026, 10, 21, 12, minute)) * 1_000_000n),
    version: String((465_000n << 40n) + version),
    columns: [{ name: 'close', type: 'DOUBLE', value: '1' }],
  };
}

test('refused rows have places of their own among the dead letters, and the same row the same', () => {
  const places = new Set<string>();
  let count = 0;
  for (let symbol = 0; symbol < 20; symbol += 1) {
    for (const resolution of ['10s', '1m', '5m', '15m', '2m/10s']) {
      for (let version = 2n; version < 40n; version += 1n) {
        const refused = row(`S${symbol}USDT`, resolution, 0, version);
        const letter = { ...refusedRow(refused, 'outside'), refusedMs: count, attempts: 1 };
        const again = { ...refusedRow(refused, 'outside'), refusedMs: 0, attempts: 1 };
        const place = deadLetterRow(letter);
        assert.deepEqual(deadLetterRow(again), place);
        places.add(JSON.stringify([place.timeNs, place.dimensions]));
        count += 1;
      }
    }
  }
  assert.equal(places.size, count);
});
