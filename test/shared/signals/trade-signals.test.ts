import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Signal } from '../../../shared/events/signal.ts';
import { type Thresholds, thresholdsFor } from '../../../shared/signals/thresholds.ts';
import { TradeSignals } from '../../../shared/signals/trade-signals.ts';
import { type PlainTrade, tradeMoments } from './moments.ts';

const MINUTE = 60_000_000;
const START = 1_723_161_240_000_000;
const THRESHOLDS: Thresholds = {
  ...thresholdsFor('BTCUSDT'),
  volumeSpike: 10,
  volumeBaselineMinPanes: 3,
  imbalanceMinTrades: 4,
  priceSpikeMinTrades: 3,
};

/** Feeds trades; `cutAfter` names the trades after which the state goes through its stored form. */
function signalsOf(trades: readonly PlainTrade[], cutAfter: ReadonlySet<number> = new Set()): Signal[] {
  const out: Signal[] = [];
  let signals = new TradeSignals('BTCUSDT', THRESHOLDS);
  let count = 0;
  for (const { moment, closed } of tradeMoments(trades)) {
    if (closed !== undefined) signals.onPaneClosed(closed.startUs, closed.volume);
    signals.onTrade(moment, out);
    if (cutAfter.has(count)) {
      const stored = JSON.stringify(signals.toState());
      assert.ok(stored.length < 600, `${stored.length} bytes: ${stored}`);
      signals = new TradeSignals('BTCUSDT', THRESHOLDS);
      signals.fromState(JSON.parse(stored));
    }
    count += 1;
  }
  return out;
}

function at(seconds: number, price: number, quantity = 0.001, isBuyerMaker = false): Omit<PlainTrade, 'id'> {
  return { timeUs: START + seconds * 1_000_000, price, quantity, isBuyerMaker };
}

function numbered(trades: readonly Omit<PlainTrade, 'id'>[]): PlainTrade[] {
  return trades.map((trade, index) => ({ id: 1000 + index, ...trade }));
}

function ofKind(signals: readonly Signal[], kind: Signal['kind']): readonly Signal[] {
  return signals.filter((signal) => signal.kind === kind);
}

describe('TradeSignals', () => {
  it('opens volatility once and clears it when a later minute finds the one before it calm', () => {
    const found = ofKind(
      signalsOf(
        numbered([
          at(0, 100),
          at(1, 104),
          at(2, 108),
          at(60, 100),
          at(61, 104),
          at(120, 100),
          at(121, 100.1),
          at(180, 100),
        ]),
      ),
      'volatility',
    );

    assert.deepEqual(
      found.map(({ state, openedBy, version }) => ({ state, openedBy, version })),
      [
        { state: 'open', openedBy: 1001, version: 1 },
        { state: 'cleared', openedBy: 1001, version: 2 },
      ],
    );
    assert.equal(found[0]?.id, found[1]?.id);
    assert.deepEqual(found[1]?.evidence.ids, [1001, 1007]);
    assert.equal(found[1]?.value, 4, 'the highest deviation while it was open');
    assert.deepEqual(found[0]?.evidence.window, { startUs: START, endUs: START + MINUTE });
  });

  it('does not clear between the clear level and the threshold', () => {
    // A deviation of 1.7 is below the threshold of 2.0 and above 0.8 of it.
    const found = signalsOf(numbered([at(0, 100), at(1, 108), at(60, 100), at(61, 102.4), at(120, 100)]));

    assert.deepEqual(
      ofKind(found, 'volatility').map((signal) => signal.state),
      ['open'],
    );
  });

  it('clears when a whole window passed without a trade, by the next trade or by a tick', () => {
    const trades = numbered([at(0, 100), at(1, 108)]);
    const byTrade = signalsOf([...trades, { id: 2000, ...at(125, 100) }]);
    const signals = new TradeSignals('BTCUSDT', THRESHOLDS);
    const out: Signal[] = [];
    for (const { moment } of tradeMoments(trades)) signals.onTrade(moment, out);
    signals.onTick(START + 2 * MINUTE - 1, out);
    const before = ofKind(out, 'volatility').length;
    signals.onTick(START + 2 * MINUTE, out);

    assert.equal(ofKind(byTrade, 'volatility').at(-1)?.state, 'cleared');
    assert.equal(before, 1);
    assert.deepEqual(ofKind(out, 'volatility').at(-1)?.evidence.ids, [1001]);
  });

  it('tells every whale, at or above the threshold, with its quantity', () => {
    const found = ofKind(
      signalsOf(numbered([at(0, 100, 1000), at(1, 100, 999.99), at(2, 100, 3000)])),
      'whale',
    );

    assert.deepEqual(
      found.map(({ openedBy, value, severity, evidence }) => [openedBy, value, severity, evidence.quantity]),
      [
        [1000, 100_000, 'info', 1000],
        [1002, 300_000, 'warning', 3000],
      ],
    );
  });

  it('opens a volume spike inside the pane that holds it', () => {
    const found = ofKind(
      signalsOf(numbered([at(0, 100, 6), at(3, 100, 6), at(11, 100, 1), at(21, 100, 1)])),
      'volume-spike',
    );

    assert.deepEqual(
      found.map(({ state, value, threshold }) => [state, value, threshold]),
      [
        ['open', 12, 10],
        ['cleared', 12, 10],
      ],
    );
    assert.deepEqual(found[1]?.evidence.ids, [1001, 1003]);
  });

  it('holds a pane against its baseline only once there is enough history', () => {
    const calm = [0, 10, 20].map((second) => at(second, 100, 1));
    const early = signalsOf(numbered([...calm.slice(0, 2), at(21, 100, 9)]));
    const late = signalsOf(numbered([...calm, at(31, 100, 1.5), at(32, 100, 2)]));

    assert.equal(ofKind(early, 'volume-baseline').length, 0);
    assert.deepEqual(
      ofKind(late, 'volume-baseline').map(({ value, threshold, baseline, openedBy }) => [
        value,
        threshold,
        baseline,
        openedBy,
      ]),
      [[3.5, 3, 1, 1004]],
    );
  });

  it('opens a price spike at the trade that makes it and clears it when the price is back', () => {
    const calm = [1, 2, 3, 4].map((second) => at(second, 100 + second / 100));
    const found = ofKind(
      signalsOf(numbered([...calm, at(11, 101), at(12, 102), at(13, 100.11), at(14, 100)])),
      'price-spike',
    );

    assert.deepEqual(
      found.map(({ state, openedBy, value, baseline, evidence }) => [
        state,
        openedBy,
        value,
        baseline,
        evidence.prices[0],
      ]),
      [
        ['open', 1004, 0.9749999999999943, 100.025, 101],
        ['cleared', 1004, 1.9749999999999943, 100.025, 100],
      ],
    );
  });

  it('judges the imbalance of a minute only with enough trades', () => {
    const buys = [0, 1, 2, 3, 4].map((second) => at(second, 100, 1));
    const found = ofKind(signalsOf(numbered(buys)), 'imbalance');
    const mixed = ofKind(
      signalsOf(numbered([...buys.slice(0, 2), at(5, 100, 1, true), at(6, 100, 1)])),
      'imbalance',
    );

    assert.deepEqual(
      found.map(({ openedBy, value }) => [openedBy, value]),
      [[1003, 1]],
    );
    assert.deepEqual(mixed, []);
  });

  it('does not judge a late trade as live, except a whale', () => {
    const found = signalsOf(numbered([at(0, 100), at(25, 100), at(2, 150, 2000), at(3, 190)]));

    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['whale'],
    );
  });

  it('gives the same signals however the trades are cut into batches, in a state under 600 bytes', () => {
    const trade = fc.record({
      gap: fc.integer({ min: 0, max: 20_000_000 }),
      price: fc.integer({ min: 9_000_000, max: 9_100_000 }),
      quantity: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1_000_000, max: 200_000_000 })),
      isBuyerMaker: fc.boolean(),
      cut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(trade, { minLength: 20, maxLength: 120 }), (steps) => {
        let timeUs = START;
        const trades = steps.map((step, index) => {
          timeUs += step.gap;
          const price = step.price / 100;
          return {
            id: 9_000_000_000 + index,
            timeUs,
            price,
            quantity: step.quantity / 1e5,
            isBuyerMaker: step.isBuyerMaker,
          };
        });
        const cuts = new Set(steps.flatMap((step, index) => (step.cut ? [index] : [])));

        assert.deepEqual(signalsOf(trades, cuts), signalsOf(trades));
      }),
      { numRuns: 60 },
    );
  });

  it('stays under 600 bytes with every episode open and every figure at its longest', () => {
    const signals = new TradeSignals('BTCUSDT', thresholdsFor('BTCUSDT'));
    const longest = 61_837.634_567_891_23;
    const open = [9_735_683_259, 1_723_161_255_342_123, longest, 61_837.63, 61_837.63] as const;
    signals.fromState([
      1,
      172_316_125,
      28_719_354,
      longest,
      longest / 7,
      0.912_345_678_901_234_5,
      longest / 3,
      [172_316_125, 1_000_000, longest / 11, (longest * longest) / 3],
      [open, open, open, open, open, open],
    ]);
    const stored = JSON.stringify(signals.toState());

    assert.ok(signals.episodes.every((episode) => episode.isOpen));
    assert.ok(stored.length < 600, `${stored.length} bytes`);
  });

  it('never opens an episode that is open, and never clears one that is not', () => {
    const step = fc.record({
      gap: fc.integer({ min: 0, max: 40_000_000 }),
      price: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let timeUs = START;
        const trades = steps.map(({ gap, price }, index) => {
          timeUs += gap;
          return { id: index + 1, timeUs, price, quantity: price };
        });
        const open = new Map<string, string>();
        for (const signal of signalsOf(trades)) {
          if (signal.kind === 'whale') continue;
          assert.equal(open.get(signal.kind), signal.state === 'open' ? undefined : signal.id);
          if (signal.state === 'open') open.set(signal.kind, signal.id);
          else open.delete(signal.kind);
        }
      }),
      { numRuns: 60 },
    );
  });
});
