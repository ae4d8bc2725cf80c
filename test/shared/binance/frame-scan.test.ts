import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanFrame } from '../../../shared/binance/frame-scan.ts';
import type { ReadContext } from '../../../shared/binance/raw-record.ts';
import { readWhole } from '../../../shared/binance/read-raw-record.ts';
import { damage, damaged } from '../events/damage.ts';
import { anyId, figureText } from '../events/market-events.ts';
import { combined, RECEIVED_US } from './frames.ts';

const context: ReadContext = {
  key: 'BTCUSDT',
  receivedUs: RECEIVED_US,
  source: 'live',
  raw: { partition: 2, offset: 15 },
  rules: { symbols: new Set(['BTCUSDT', '1INCHUSDT']), maxTimeOffUs: 3_600_000_000 },
};

const nearMs = fc
  .integer({ min: -3_700_000, max: 3_700_000 })
  .map((off) => Math.floor(RECEIVED_US / 1000) + off);
const mostly = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: rare });
const microsecond = nearMs.chain((ms) => fc.nat(999).map((rest) => ms * 1000 + rest));
const time = mostly(fc.oneof(nearMs, microsecond), fc.nat());
const figure = mostly(figureText, fc.constantFrom('0.00000000', '-1', '1e3', '01.50', '.5', '5.', ''));
const symbol = mostly(fc.constant('BTCUSDT'), fc.constantFrom('ETHUSDT', '1INCHUSDT'));

const tradeText = fc
  .record({
    E: time,
    s: symbol,
    t: anyId,
    p: figure,
    q: figure,
    T: time,
    m: fc.boolean(),
    M: fc.boolean(),
    isOld: fc.boolean(),
  })
  .map(({ isOld, E, s, t, p, q, T, m, M }) =>
    combined('trade', {
      ...{ e: 'trade', E },
      s,
      ...{ t, p, q },
      ...(isOld ? { b: 1, a: 2 } : {}),
      ...{ T, m, M },
    }),
  );
const quoteText = fc
  .record({ u: anyId, s: symbol, b: figure, B: figure, a: figure, A: figure })
  .map(({ u, s, b, B, a, A }) => combined('bookTicker', { ...{ u }, s, ...{ b, B, a, A } }));

for (const [name, text] of [
  ['trade', tradeText],
  ['bookTicker', quoteText],
] as const) {
  test(`whatever the scan of a ${name} frame accepts, the full parse reads the same`, () => {
    let accepted = 0;
    fc.assert(
      fc.property(text, fc.option(damage), symbol, (frame, change, key) => {
        const bytes = Buffer.from(change === null ? frame : damaged(frame, change));
        const scanned = scanFrame(bytes, { ...context, key });
        if (scanned === undefined) return;
        accepted += 1;
        assert.deepEqual(scanned, readWhole(bytes, { ...context, key }), bytes.toString());
      }),
      { numRuns: 20_000 },
    );
    assert.ok(accepted > 500, `only ${accepted} were accepted`);
  });
}

test('the usual frames are scanned and need no full parse', () => {
  const T = Math.floor(RECEIVED_US / 1000);
  const trade = `{"stream":"btcusdt@trade","data":{"e":"trade","E":${T},"s":"BTCUSDT","t":5,"p":"61837.63000000","q":"0.02000000",ORDERS"T":${T}123,"m":true,"M":true}}`;
  const quote =
    '{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}';
  for (const text of [trade.replace('ORDERS', ''), trade.replace('ORDERS', '"b":1,"a":2,'), quote]) {
    assert.ok(scanFrame(Buffer.from(text), context), text);
  }
});

test('nothing that a rule refuses is scanned, even where the layout fits', () => {
  const at = Math.floor(RECEIVED_US / 1000);
  const trade = (price: string, time: number, s = 'BTCUSDT') =>
    Buffer.from(
      combined('trade', {
        ...{ e: 'trade', E: at },
        s,
        ...{ t: 1, p: price, q: '1', T: time, m: true, M: true },
      }),
    );
  assert.ok(scanFrame(trade('1', at), context));
  assert.equal(scanFrame(trade('0', at), context), undefined);
  assert.equal(scanFrame(trade('1.123456789', at), context), undefined);
  assert.equal(scanFrame(trade('1', at - 7_200_000), context), undefined);
  assert.equal(scanFrame(trade('1', at, 'ETHUSDT'), context), undefined);
  assert.equal(
    scanFrame(trade('1', at, 'ETHUSDT'), { ...context, key: 'ETHUSDT' }),
    undefined,
    'not allowed',
  );
});
