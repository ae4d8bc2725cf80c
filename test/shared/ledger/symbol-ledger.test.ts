import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SymbolLedger } from '../../../shared/ledger/symbol-ledger.ts';

describe('SymbolLedger.reachBack', () => {
  it('finds the trades missing that were lost before the first that was seen', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    ledger.see(105, 5_000, 6_000, 'live');
    const gap = ledger.reachBack(101, 1_000, 7_000);
    assert.deepEqual([gap?.from, gap?.to, gap?.beforeUs, gap?.afterUs], [101, 104, 1_000, 5_000]);
    assert.equal(ledger.contiguousId, 100);
    for (const id of [101, 102, 103, 104]) ledger.see(id, 2_000, 8_000, 'backfill');
    assert.equal(gap?.state, 'filled');
    assert.equal(ledger.contiguousId, 105);
  });

  it('finds nothing where the first that was seen is the first of the watch', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    ledger.see(101, 5_000, 6_000, 'live');
    assert.equal(ledger.reachBack(101, 1_000, 7_000), undefined);
    assert.equal(ledger.contiguousId, 101);
  });

  it('expects the next trade where none was seen yet', () => {
    const ledger = new SymbolLedger('BTCUSDT');
    assert.equal(ledger.reachBack(101, 1_000, 7_000), undefined);
    const seen = ledger.see(103, 5_000, 8_000, 'live');
    assert.equal(seen.kind, 'gap');
    assert.deepEqual(
      seen.kind === 'gap' && [seen.gap.from, seen.gap.to, seen.gap.beforeUs],
      [101, 102, 1_000],
    );
  });
});
