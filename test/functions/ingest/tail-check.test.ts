import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeedTime } from '../../../functions/ingest/feed-time.ts';
import { RestClient } from '../../../functions/ingest/rest-client.ts';
import { TailCheck } from '../../../functions/ingest/tail-check.ts';
import { TradeLane } from '../../../functions/ingest/trade-lane.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { SymbolLedger } from '../../../shared/ledger/symbol-ledger.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const NOW_MS = Date.UTC(2026, 2, 2, 8);

/** A check over one quiet symbol whose newest trade on the exchange is 105. */
function quietSymbol() {
  const clock = new VirtualClock(NOW_MS * 1_000);
  const ledger = new SymbolLedger('XMRBTC');
  ledger.see(103, (NOW_MS - 60_000) * 1_000, (NOW_MS - 60_000) * 1_000, 'live');
  const port = {
    deliver: () => {},
    tick: () => {},
    requestRepair: () => true,
    gapChanged: () => {},
    idsReset: () => {},
  };
  const limits = { graceMs: 200, maxMs: 10_000, maxRecords: 20_000 };
  const lane = new TradeLane(ledger, new FeedTime(), clock, limits, port);
  const newest = [{ a: 50, p: '1', q: '1', f: 104, l: 105, T: NOW_MS - 2_000, m: true, M: true }];
  const rest = new RestClient({
    baseUrl: 'http://sim',
    clock,
    fetch: async () => new Response(JSON.stringify(newest)),
  });
  const fetched: (readonly [number, number])[] = [];
  const check = new TailCheck({
    clock,
    rest,
    rules: DEFAULT_VALIDATION_RULES,
    repair: {
      mode: 'test',
      fetch: async (gap, from) => {
        fetched.push([from, gap.to]);
        const records = [104, 105].map((id) => ({
          from: id,
          to: id,
          tradeTimeUs: 0,
          bytes: Buffer.from('{}'),
        }));
        return { kind: 'records', records };
      },
    },
    lanes: new Map([['XMRBTC', lane]]),
    accept: (into, record) => into.ledger.see(record.from, record.tradeTimeUs, clock.nowUs(), 'backfill'),
  });
  return { clock, ledger, check, fetched };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('TailCheck', () => {
  it('fetches a quiet symbol’s trades that passed while no socket was open, without waiting for the next', async () => {
    const { clock, ledger, check, fetched } = quietSymbol();
    check.check(['XMRBTC']);
    await settle();
    clock.advance(1_000);
    await settle();
    assert.deepEqual(fetched, [[104, 105]]);
    assert.equal(ledger.contiguousId, 105);
  });

  it('fetches nothing that the socket brings a moment later', async () => {
    const { clock, ledger, check, fetched } = quietSymbol();
    check.check(['XMRBTC']);
    await settle();
    for (const id of [104, 105]) ledger.see(id, NOW_MS * 1_000, NOW_MS * 1_000, 'live');
    clock.advance(1_000);
    await settle();
    assert.deepEqual(fetched, []);
  });
});
