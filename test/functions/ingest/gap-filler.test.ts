import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GapFiller } from '../../../functions/ingest/gap-filler.ts';
import type { RepairPage } from '../../../functions/ingest/trade-repair.ts';
import type { Gap } from '../../../shared/ledger/gap.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

function gapOf(symbol: string, from: number, to: number): Gap {
  return {
    symbol,
    from,
    to,
    cause: 'skipped',
    openedUs: 0,
    beforeUs: 0,
    afterUs: 0,
    state: 'open',
    filledUs: null,
    source: null,
    holes: [],
  };
}

const record = (id: number): Extract<RepairPage, { kind: 'records' }>['records'][number] => ({
  from: id,
  to: id,
  tradeTimeUs: id,
  bytes: Buffer.from('{}'),
});

/** A filler whose exchange has what `answer` gives; it takes note of what was asked and what came of it. */
function fillerWith(answer: (gap: Gap, from: number, atS: number) => RepairPage, concurrency = 2) {
  const clock = new VirtualClock(0);
  const asked: string[] = [];
  const gone: string[] = [];
  const came: number[] = [];
  const filler = new GapFiller(
    {
      mode: 'by id',
      fetch: async (gap, from) => {
        asked.push(`${gap.symbol} ${from} at ${clock.nowUs() / 1_000_000}`);
        return answer(gap, from, clock.nowUs() / 1_000_000);
      },
    },
    clock,
    {
      onPage: (gap, { records }) => {
        came.push(...records.map(({ to }) => to));
        if (records.at(-1)?.to === gap.to) gap.state = 'filled';
      },
      onGone: (gap, why) => {
        gap.state = 'unfillable';
        gone.push(`${gap.symbol} ${gap.from}: ${why}`);
      },
      onLater: () => {},
    },
    concurrency,
  );
  const pass = async (seconds: number): Promise<void> => {
    const endUs = clock.nowUs() + seconds * 1_000_000;
    do {
      clock.runNext(endUs);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    } while ((clock.nextDueUs ?? endUs + 1) <= endUs);
    clock.advanceTo(endUs);
  };
  return { filler, asked, gone, came, pass };
}

describe('GapFiller', () => {
  it('takes an empty answer for a lag of REST, not for the end of the trade', async () => {
    const { filler, asked, gone, came, pass } = fillerWith((_gap, from, atS) => ({
      kind: 'records',
      records: atS < 5 ? [] : [record(from)],
    }));
    filler.add(gapOf('BTCUSDT', 7, 7));
    await pass(60);
    assert.deepEqual([came, gone, filler.pendingGaps], [[7], [], 0]);
    assert.deepEqual(
      asked.map((line) => line.split(' at ')[1]),
      ['0', '1', '3', '8'],
    );
  });

  it('gives up at once where the answer begins above the gap', async () => {
    const { filler, asked, gone, pass } = fillerWith(() => ({ kind: 'records', records: [], reachedId: 20 }));
    filler.add(gapOf('BTCUSDT', 7, 9));
    await pass(1);
    assert.equal(asked.length, 1);
    assert.deepEqual(gone, ['BTCUSDT 7: the exchange gave only some of them']);
  });

  it('gives up after 10 minutes without any, and asks a bounded number of times', async () => {
    const { filler, asked, gone, pass } = fillerWith(() => ({ kind: 'records', records: [] }));
    filler.add(gapOf('BTCUSDT', 7, 9));
    await pass(540);
    assert.deepEqual(gone, []);
    await pass(3_600);
    assert.equal(gone.length, 1);
    assert.equal(filler.pendingGaps, 0);
    assert.ok(asked.length < 16, `asked ${asked.length} times`);
  });

  it('asks a bounded number of times too where each answer brings one more', async () => {
    const { filler, asked, came, pass } = fillerWith((_gap, from) => ({
      kind: 'records',
      records: [record(from)],
      isEnd: true,
    }));
    filler.add(gapOf('BTCUSDT', 1, 800));
    await pass(3_600);
    assert.equal(filler.pendingGaps, 0);
    assert.ok(asked.length < 16 && came.length === asked.length, `asked ${asked.length} times`);
  });

  it('keeps no other gap waiting while one of the same symbol does', async () => {
    const { filler, came, pass } = fillerWith((gap, from) => ({
      kind: 'records',
      records: gap.from === 7 ? [] : [record(from)],
    }));
    filler.add(gapOf('BTCUSDT', 7, 9));
    await pass(4);
    filler.add(gapOf('BTCUSDT', 11, 11));
    await pass(0);
    assert.deepEqual(came, [11]);
    filler.stop();
  });

  it('asks once where nobody knows of a missing trade, and after what is known to be missing', async () => {
    const { filler, asked, gone, pass } = fillerWith((gap, from) => ({
      kind: 'records',
      records: gap.from === 7 ? [] : [record(from)],
      isEnd: gap.from === 7,
    }));
    filler.add(gapOf('BTCUSDT', 1, 2));
    filler.add(gapOf('BTCUSDT', 7, 1_006), { once: true });
    filler.add(gapOf('BTCUSDT', 5, 5));
    await pass(3_600);
    assert.deepEqual(
      asked.map((line) => line.split(' at ')[0]),
      ['BTCUSDT 1', 'BTCUSDT 2', 'BTCUSDT 5', 'BTCUSDT 7'],
    );
    assert.deepEqual([gone.length, filler.pendingGaps], [1, 0]);
  });

  it('serves the symbols by turns, so that a large hole does not keep a small one waiting', async () => {
    const { filler, asked, pass } = fillerWith(
      (_gap, from) => ({ kind: 'records', records: [record(from)] }),
      1,
    );
    filler.add(gapOf('BTCUSDT', 1, 20));
    filler.add(gapOf('ETHUSDT', 1, 2));
    filler.add(gapOf('XMRBTC', 1, 1));
    await pass(1);
    assert.deepEqual(
      asked.slice(0, 6).map((line) => line.split(' at ')[0]),
      ['BTCUSDT 1', 'BTCUSDT 2', 'ETHUSDT 1', 'XMRBTC 1', 'BTCUSDT 3', 'ETHUSDT 2'],
    );
    assert.equal(asked.length, 23);
  });
});
