import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RestClient } from '../../../functions/ingest/rest-client.ts';
import { RestRepair } from '../../../functions/ingest/rest-repair.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import type { Gap } from '../../../shared/ledger/gap.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { type FakeRest, fakeRest } from './fake-rest.ts';

const NOW_MS = Date.UTC(2024, 7, 9, 0, 10);

/** The exchange has the trades `ids`, one a second. */
function repairOf(ids: readonly number[]): {
  readonly repair: RestRepair;
  readonly rest: FakeRest;
  readonly clock: VirtualClock;
  readonly fallbacks: string[];
} {
  const clock = new VirtualClock(NOW_MS * 1_000);
  const rest = fakeRest({
    trades: () => ids.map((id) => ({ id, timeMs: NOW_MS - 100_000 + id * 1_000 })),
    nowMs: () => clock.nowUs() / 1_000,
    symbols: ['BTCUSDT'],
  });
  const client = (baseUrl: string): RestClient => new RestClient({ baseUrl, clock, fetch: rest.fetch });
  const fallbacks: string[] = [];
  const repair = new RestRepair({
    clock,
    rules: DEFAULT_VALIDATION_RULES,
    trades: client('https://trades.test'),
    aggregates: client('https://aggregates.test'),
    onFallback: ({ code }) => fallbacks.push(code),
  });
  return { repair, rest, clock, fallbacks };
}

function gapOf(from: number, to: number): Gap {
  const edges = { beforeUs: (NOW_MS - 100_000) * 1_000, afterUs: NOW_MS * 1_000 };
  const times = { openedUs: 0, filledUs: null, source: null };
  return { symbol: 'BTCUSDT', from, to, cause: 'skipped', state: 'open', holes: [], ...edges, ...times };
}

async function pageOf(repair: RestRepair, gap: Gap) {
  const page = await repair.fetch(gap, gap.from);
  assert.ok(page.kind === 'records');
  return { ids: page.records.map(({ to }) => to), reachedId: page.reachedId, isEnd: page.isEnd };
}

describe('RestRepair', () => {
  it('tells an answer that ends before the missing trades from one that begins above them', async () => {
    const { repair } = repairOf([1, 2, 20, 21, 22, 23]);
    assert.deepEqual(await pageOf(repair, gapOf(30, 31)), { ids: [], reachedId: 29, isEnd: true });
    assert.deepEqual(await pageOf(repair, gapOf(10, 12)), { ids: [], reachedId: 22, isEnd: false });
    assert.deepEqual(await pageOf(repair, gapOf(2, 2)), { ids: [2], reachedId: 2, isEnd: false });
  });

  it('takes a trade that the rules refuse for one that the exchange will not give', async () => {
    const { repair, rest } = repairOf([]);
    rest.next.push(new Response('[{"id":7,"price":"-1","qty":"1","time":1,"isBuyerMaker":true}]'));
    assert.deepEqual(await pageOf(repair, gapOf(7, 7)), { ids: [], reachedId: 7, isEnd: false });
  });

  it('does not take aggregates that are not there yet for gone', async () => {
    const { repair, rest } = repairOf([]);
    rest.restricted.add('trades.test');
    assert.deepEqual(await pageOf(repair, gapOf(7, 7)), { ids: [], reachedId: undefined, isEnd: true });
  });

  it('asks a host that refused again after a while, and tells of the refusal once', async () => {
    const { repair, rest, clock, fallbacks } = repairOf([7]);
    rest.restricted.add('trades.test');
    await pageOf(repair, gapOf(7, 7));
    await pageOf(repair, gapOf(7, 7));
    clock.advance(16 * 60_000);
    await pageOf(repair, gapOf(7, 7));
    assert.match(repair.mode, /by aggregates/);
    const refused = rest.asked.filter(({ host }) => host === 'trades.test');
    assert.deepEqual([refused.length, fallbacks.length], [2, 1]);
    rest.restricted.clear();
    clock.advance(16 * 60_000);
    await pageOf(repair, gapOf(7, 7));
    assert.match(repair.mode, /by id/);
  });
});
