import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GapChange } from '../../../shared/events/tick.ts';
import type { Row } from '../../../shared/row.ts';
import { CandleWriter } from '../../../shared/window/candle-writer.ts';
import { FOLD, type TradeWindows } from '../../../shared/window/trade-windows.ts';
import { columnsOf, finalRow, foldTrades, makeWindows, type PlainTrade, tick } from './window-fixtures.ts';

const START = Date.UTC(2026, 0, 5, 12);
const MARKET = [
  'open high low close volume quote_volume taker_buy_volume taker_buy_quote_volume trade_count first_trade_id',
  'last_trade_id vwap avg_price price_stddev buy_sell_ratio largest_trade whale_count volume_exact',
  'quote_volume_exact taker_buy_volume_exact taker_buy_quote_volume_exact',
].flatMap((names) => names.split(' '));

const amount = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 14n }), fc.integer({ min: 0, max: 8 }))
  .map(([units, scale]) => {
    const digits = units.toString().padStart(scale + 1, '0');
    return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  });

/** Trades with rising ids and times, as an exchange issues them. */
const market = fc
  .array(fc.record({ price: amount, quantity: amount, stepMs: fc.nat(20_000), maker: fc.boolean() }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((steps) => {
    let timeMs = START;
    return steps.map((step, at): PlainTrade => {
      timeMs += step.stepMs;
      return { id: 100 + at, price: step.price, quantity: step.quantity, timeMs, maker: step.maker };
    });
  });

test('windows are a pure function of the set of trades: any order, any duplication', () => {
  fc.assert(
    fc.property(
      market.chain((trades) =>
        fc.record({
          trades: fc.constant(trades),
          order: fc.shuffledSubarray([...trades, ...trades], { minLength: trades.length * 2 }),
        }),
      ),
      ({ trades, order }) => {
        const expected = foldAndFinish(trades);
        const found = foldAndFinish(order);
        assert.deepEqual(marketRows(found), marketRows(expected));
      },
    ),
    { numRuns: 150 },
  );
});

test('the figures of every window equal a computation of its own over exact integers', () => {
  fc.assert(
    fc.property(market, (trades) => {
      for (const row of foldAndFinish(trades)) {
        const resolution = dimension(row, 'resolution');
        const startMs = Number(row.timeNs.slice(0, -6));
        const endMs = startMs + SIZES_MS[resolution as keyof typeof SIZES_MS];
        const inside = trades.filter(({ timeMs }) => timeMs >= startMs && timeMs < endMs);
        const columns = columnsOf(row);
        assert.equal(columns.trade_count, String(inside.length));
        assert.equal(
          columns.volume_exact,
          plainSum(
            inside.map(({ quantity }) => scaled(quantity)),
            8,
          ),
        );
        const quote = inside.map(({ price, quantity }) => scaled(price) * scaled(quantity));
        assert.equal(columns.quote_volume_exact, plainSum(quote, 16));
        assert.equal(Number(columns.open), Number(inside[0]?.price));
        assert.equal(Number(columns.close), Number(inside.at(-1)?.price));
      }
    }),
    { numRuns: 100 },
  );
});

test('every window that holds a trade has exactly one row, and no other has one', () => {
  fc.assert(
    fc.property(market, (trades) => {
      const expected = new Set<string>();
      for (const { timeMs } of trades) {
        for (const [resolution, sizeMs] of Object.entries(SIZES_MS)) {
          const stepMs = resolution === '2m/10s' ? 10_000 : sizeMs;
          let start = Math.floor(timeMs / stepMs) * stepMs;
          for (; start > timeMs - sizeMs; start -= stepMs) expected.add(`${resolution}@${start}`);
        }
      }
      const rows = latest(foldAndFinish(trades)).keys();
      assert.deepEqual([...rows].sort(), [...expected].sort());
    }),
    { numRuns: 100 },
  );
});

test('a trade after its window was final revises it and says why', () => {
  const windows = makeWindows();
  const writer = writerOf(windows);
  foldTrades(windows, [trade(1, 0), trade(3, 1_000), trade(4, 25_000)]);
  const before = columnsOf(finalRow(take(writer, windows), '10s', START));
  assert.deepEqual([before.final, before.revision, before.reason], ['true', '0', undefined]);
  foldTrades(windows, [{ ...trade(2, 500), source: 'backfill' }]);
  const rows = take(writer, windows);
  const after = columnsOf(finalRow(rows, '10s', START));
  assert.deepEqual([after.revision, after.reason, after.coverage], ['1', 'repair', 'repaired']);
  assert.equal(after.trade_count, '3');
  assert.equal(columnsOf(finalRow(rows, '1m', START)).revision, '0');
  assert.ok(BigInt(finalRow(rows, '10s', START).version) > 0n);
});

test('a duplicate is recognised before its lateness is judged', () => {
  const windows = makeWindows();
  const week = 7 * 86_400_000;
  assert.deepEqual(foldTrades(windows, [trade(1, 0), trade(2, week + 60_000), trade(1, 0)]), [
    FOLD.folded,
    FOLD.folded,
    FOLD.duplicate,
  ]);
  assert.deepEqual(foldTrades(windows, [trade(0, -1_000)]), [FOLD.late]);
});

test('a gap marks every window from the trade before it to the trade after it, and filling it unmarks them', () => {
  const windows = makeWindows();
  const writer = writerOf(windows);
  foldTrades(windows, [trade(1, 5_000), trade(9, 35_000)]);
  const gap: GapChange = { from: 2, to: 8, state: 'open', beforeUs: us(5_000), afterUs: us(35_000) };
  assert.equal(windows.foldTick(tick({ gap })), FOLD.folded);
  windows.foldTick(tick({ timeUs: us(90_000) }));
  const rows = take(writer, windows);
  for (const start of [0, 30_000]) {
    assert.equal(columnsOf(finalRow(rows, '10s', START + start)).coverage, 'gap');
  }
  for (let id = 2; id <= 8; id += 1) {
    foldTrades(windows, [{ ...trade(id, 5_000 + id * 1_000), source: 'backfill' }]);
  }
  windows.foldTick(tick({ gap: { ...gap, state: 'filled' } }));
  windows.foldTick(tick({ gap }));
  const repaired = columnsOf(finalRow(take(writer, windows), '1m', START));
  assert.deepEqual([repaired.coverage, repaired.trade_count, repaired.reason], ['repaired', '9', 'repair']);
  assert.equal(repaired.revision, '8', 'seven trades and one gap change came after it was final');
});

test('windows that the watch began or ended in are partial', () => {
  const windows = makeWindows();
  const writer = writerOf(windows);
  windows.foldTick(tick({ beganUs: us(15_000), timeUs: us(15_000) }));
  foldTrades(windows, [trade(1, 16_000), trade(2, 61_000), trade(3, 125_000)]);
  windows.foldTick(tick({ endedUs: us(126_000), timeUs: us(126_000) }));
  const rows = take(writer, windows);
  const coverage = [0, 60_000, 120_000].map((at) => columnsOf(finalRow(rows, '1m', START + at)).coverage);
  assert.deepEqual(coverage, ['partial', 'complete', 'partial']);
  assert.ok(
    rows.every((row) => columnsOf(row).final === 'true'),
    'a finished feed leaves no open window',
  );
});

test('a quiet symbol becomes final by ticks alone', () => {
  const windows = makeWindows();
  const writer = writerOf(windows);
  foldTrades(windows, [trade(1, 0)]);
  assert.equal(columnsOf(finalRow(take(writer, windows), '1m', START)).final, 'false');
  windows.foldTick(tick({ timeUs: us(70_001) }));
  assert.equal(columnsOf(finalRow(take(writer, windows), '1m', START)).final, 'true');
});

test('ids that start anew an hour later are new trades', () => {
  const windows = makeWindows();
  const outcome = foldTrades(windows, [trade(5, 0), trade(6, 1_000), trade(5, 3_700_000)]);
  assert.deepEqual(outcome, [FOLD.folded, FOLD.folded, FOLD.folded]);
});

const SIZES_MS = { '10s': 10_000, '1m': 60_000, '5m': 300_000, '15m': 900_000, '2m/10s': 120_000 };

let nowUs = 0;

function us(ms: number): number {
  return (START + ms) * 1000;
}

function trade(id: number, ms: number): PlainTrade {
  return { id, price: '100.5', quantity: '2', timeMs: START + ms };
}

function writerOf(windows: TradeWindows): CandleWriter {
  return new CandleWriter(windows, { volatilityStddev: 2, volumeSpike: 1e9 });
}

function take(writer: CandleWriter, windows: TradeWindows): readonly Row[] {
  writer.collect();
  windows.settle();
  nowUs += 60_000_000;
  return writer.take(nowUs).rows;
}

function foldAndFinish(trades: readonly PlainTrade[]): readonly Row[] {
  const windows = makeWindows();
  const writer = writerOf(windows);
  foldTrades(windows, trades);
  const lastUs = Math.max(...trades.map(({ timeMs }) => timeMs)) * 1000;
  windows.foldTick(tick({ endedUs: lastUs, timeUs: lastUs }));
  return take(writer, windows);
}

function latest(rows: readonly Row[]): Map<string, Row> {
  return new Map(
    rows.map((row) => [`${dimension(row, 'resolution')}@${Number(row.timeNs.slice(0, -6))}`, row]),
  );
}

function marketRows(rows: readonly Row[]): readonly unknown[] {
  const entries = [...latest(rows)].map(([name, row]) => {
    const columns = columnsOf(row);
    return [name, ...MARKET.map((column) => columns[column])];
  });
  return entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

function dimension(row: Row, wanted: string): string {
  return row.dimensions.find(([name]) => name === wanted)?.[1] ?? '';
}

function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(8, '0'));
}

function plainSum(values: readonly bigint[], scale: number): string {
  const sum = values.reduce((total, value) => total + value, 0n);
  const digits = sum.toString().padStart(scale + 1, '0');
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return text.replace(/\.?0+$/, '');
}

test('years between two trades close the windows of the first and nothing in between', () => {
  const windows = makeWindows();
  const writer = new CandleWriter(windows, { volatilityStddev: Infinity, volumeSpike: Infinity });
  const later = Date.UTC(2030, 0, 5, 12);
  const first = { id: 1, price: '1', quantity: '1', timeMs: START };
  foldTrades(windows, [first]);
  foldTrades(windows, [{ ...first, id: 2, timeMs: later }]);
  writer.collect();
  const closed = writer.take(0).rows.filter((row) => columnsOf(row).final === 'true');
  const names = closed.map((row) => row.dimensions.find(([name]) => name === 'resolution')?.[1]);
  assert.deepEqual(Map.groupBy(names, (name) => name).get('2m/10s')?.length, 12);
  for (const name of ['10s', '1m', '5m', '15m'])
    assert.equal(names.filter((known) => known === name).length, 1);
});

test('a hole that two ingestors told in different bounds is closed when its trades have come', () => {
  const windows = makeWindows();
  const trade = (id: number) => ({ id, price: '1', quantity: '1', timeMs: START + id });
  const gap = (from: number, to: number, state: GapChange['state']): GapChange => {
    const edges = { beforeUs: (START + from - 1) * 1_000, afterUs: (START + to + 1) * 1_000 };
    return { from, to, state, ...edges };
  };
  foldTrades(windows, [trade(1)]);
  // One was killed behind this, the other sees a larger hole.
  windows.foldTick(tick({ gap: gap(2, 3, 'open') }));
  windows.foldTick(tick({ gap: gap(2, 5, 'open') }));
  for (const id of [6, 2, 3, 4, 5]) {
    foldTrades(windows, [trade(id)]);
    assert.equal(windows.closeGaps(), true);
  }
  windows.foldTick(tick({ gap: gap(2, 5, 'filled') }));
  // A slow one tells of it when all is there.
  windows.foldTick(tick({ gap: gap(3, 4, 'open') }));
  windows.foldTick(tick({ endedUs: (START + 60_000) * 1_000 }));
  const writer = writerOf(windows);
  assert.equal(columnsOf(finalRow(take(writer, windows), '10s', START)).coverage, 'complete');
});

test('a trade made before the pane in which the watch began makes every window that holds it partial', () => {
  const windows = makeWindows();
  const began = START + 60_002;
  windows.foldTick(tick({ timeUs: began * 1_000, beganUs: began * 1_000 }));
  // Made in one minute and sent in the next, as some of the recording of 2024-08-08 are.
  foldTrades(windows, [{ id: 1, price: '1', quantity: '1', timeMs: START + 59_998 }]);
  windows.foldTick(tick({ endedUs: (START + 900_000) * 1_000 }));
  for (const row of take(writerOf(windows), windows))
    assert.equal(columnsOf(row).coverage, 'partial', `${row.timeNs} ${dimension(row, 'resolution')}`);
});
