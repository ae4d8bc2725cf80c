import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readFrame } from '../../../functions/ingest/read-frame.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';

const AT = 1_723_161_255_343;
const HEADER = { receivedUs: AT * 1_000, connection: 't0-1', source: 'live', frame: 0 } as const;
const facts = (text: string, symbol?: string) =>
  readFrame(Buffer.from(text), HEADER, DEFAULT_VALIDATION_RULES, symbol);
const trade = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    stream: 'btcusdt@trade',
    data: { e: 'trade', E: AT, s: 'BTCUSDT', t: 7, p: '1.5', q: '2', T: AT - 1, m: true, M: true, ...change },
  });

describe('readFrame', () => {
  it('takes of a trade its id and times', () => {
    const read = facts(trade());
    assert.deepEqual(read, {
      kind: 'trade',
      symbol: 'BTCUSDT',
      tradeId: 7,
      tradeTimeUs: (AT - 1) * 1_000,
      quantity: { units: 2, scale: 0 },
      exchangeUs: AT * 1_000,
    });
  });

  it('takes no frame for a trade that validate will refuse, and still knows its symbol', () => {
    const wrong = [{ p: '0' }, { p: '-1' }, { t: 7.5 }, { T: AT - 7_200_000 }, { m: 'yes' }, { q: 1 }];
    for (const change of wrong)
      assert.deepEqual(facts(trade(change)), { kind: 'other', symbol: 'BTCUSDT', exchangeUs: null });
  });

  it('takes the exchange’s time of witnesses, if it is sane, and none of quotes', () => {
    const agg = (time: number): string =>
      `{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":${time},"s":"BTCUSDT"}}`;
    assert.deepEqual(facts(agg(AT)), { kind: 'other', symbol: 'BTCUSDT', exchangeUs: AT * 1_000 });
    assert.deepEqual(facts(agg(AT * 1_000)), { kind: 'other', symbol: 'BTCUSDT', exchangeUs: AT * 1_000 });
    assert.deepEqual(facts(agg(AT + 7_200_000)), { kind: 'other', symbol: 'BTCUSDT', exchangeUs: null });
    assert.deepEqual(facts('{"stream":"btcusdt@bookTicker","data":{"u":1}}'), {
      kind: 'other',
      symbol: 'BTCUSDT',
      exchangeUs: null,
    });
  });

  it('knows a notice of shutdown, in both forms, and an answer to a request', () => {
    assert.equal(facts('{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}').kind, 'shutdown');
    assert.equal(facts('{"e":"serverShutdown","E":1}').kind, 'shutdown');
    assert.equal(facts('{"result":null,"id":1}').kind, 'answer');
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const read = readFrame(Buffer.from(bytes), HEADER, DEFAULT_VALIDATION_RULES);
          assert.ok(read.kind !== 'trade');
        },
      ),
    );
  });
});
