import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EdgeFills } from '../../../functions/ingest/edge-fills.ts';
import type { RepairedRecord } from '../../../functions/ingest/trade-repair.ts';
import { unseenPart } from '../../../functions/ingest/unseen-part.ts';
import { parseDecimal } from '../../../shared/decimal.ts';
import { IdRanges } from '../../../shared/id-ranges.ts';
import type { Gap } from '../../../shared/ledger/gap.ts';

const GAP: Gap = {
  symbol: 'BTCUSDT',
  from: 12,
  to: 14,
  cause: 'skipped',
  openedUs: 0,
  beforeUs: 0,
  afterUs: 0,
  state: 'open',
  filledUs: null,
  source: null,
  holes: [],
};

function decimal(text: string) {
  const value = parseDecimal(text);
  assert.ok(value);
  return value;
}

function aggregate(from: number, to: number, quantity: string): RepairedRecord {
  const bytes = Buffer.from(
    `{"a":7,"p":"100.50000000","q":"${quantity}","f":${from},"l":${to},"T":1723161600000,"m":true,"M":true}`,
  );
  return { from, to, tradeTimeUs: 1_723_161_600_000_000, bytes, quantity: decimal(quantity) };
}

/** Trades 10, 11 and 15 were seen, with their quantities at hand. */
function seen(): { ids: IdRanges; fills: EdgeFills } {
  const ids = new IdRanges();
  const fills = new EdgeFills();
  for (const [id, quantity] of [
    [10, '0.1'],
    [11, '0.25'],
  ] as const) {
    ids.add(id);
    fills.note(id, decimal(quantity));
  }
  fills.open(GAP);
  ids.add(15);
  fills.note(15, decimal('3'));
  return { ids, fills };
}

describe('unseenPart', () => {
  it('takes a record whole where none of its trades was seen, its bytes untouched', () => {
    const { ids, fills } = seen();
    const record = aggregate(12, 14, '1.5');
    assert.equal(unseenPart(record, ids, fills), record);
  });

  it('makes the remainder of an aggregate that begins before the gap, or ends after it', () => {
    const { ids, fills } = seen();
    const before = unseenPart(aggregate(10, 13, '1.5'), ids, fills);
    assert.deepEqual([before?.from, before?.to], [12, 13]);
    assert.deepEqual(JSON.parse(before?.bytes.toString() ?? ''), {
      a: 7,
      p: '100.50000000',
      q: '1.15',
      f: 12,
      l: 13,
      T: 1_723_161_600_000,
      m: true,
      M: true,
    });
    assert.equal(JSON.parse(unseenPart(aggregate(14, 15, '4'), ids, fills)?.bytes.toString() ?? '').q, '1');
  });

  it('leaves it where a seen fill is not at hand, where nothing would be left, and where all was seen', () => {
    const { ids, fills } = seen();
    ids.add(9);
    assert.equal(unseenPart(aggregate(9, 13, '5'), ids, fills), undefined);
    assert.equal(unseenPart(aggregate(11, 12, '0.25'), ids, fills), undefined);
    assert.equal(unseenPart(aggregate(10, 11, '0.35'), ids, fills), undefined);
  });

  it('leaves it where the unseen trades are not in one piece', () => {
    const { ids, fills } = seen();
    ids.add(13);
    fills.note(13, decimal('0.1'));
    assert.equal(unseenPart(aggregate(11, 14, '5'), ids, fills), undefined);
  });
});
