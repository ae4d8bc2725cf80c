import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSymbols, judgeSymbols } from '../../../functions/ingest/check-symbols.ts';
import { type Fetch, RestClient } from '../../../functions/ingest/rest-client.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

function restWith(known: readonly string[]): { rest: RestClient; asked: () => number } {
  let asked = 0;
  const fetch: Fetch = async (text) => {
    asked += 1;
    const wanted: string[] = JSON.parse(new URL(text).searchParams.get('symbols') ?? '[]');
    return wanted.every((symbol) => known.includes(symbol))
      ? new Response(JSON.stringify({ symbols: wanted.map((symbol) => ({ symbol, status: 'TRADING' })) }))
      : new Response('{"code":-1121,"msg":"Invalid symbol."}', { status: 400 });
  };
  const clock = new VirtualClock(1_723_161_600_000_000);
  return { rest: new RestClient({ baseUrl: 'https://x', clock, fetch }), asked: () => asked };
}

describe('checkSymbols', () => {
  it('tells halted from delisted from unknown', () => {
    const text = JSON.stringify({
      symbols: [
        { symbol: 'BTCUSDT', status: 'TRADING' },
        { symbol: 'HALTUSDT', status: 'HALT' },
        { symbol: 'LUNAUSDT', status: 'BREAK' },
      ],
    });
    const verdicts = judgeSymbols(['BTCUSDT', 'HALTUSDT', 'LUNAUSDT', 'NOPE'], text);
    assert.deepEqual(
      verdicts.map((verdict) => verdict.isKnown),
      [true, true, true, false],
    );
    assert.equal(verdicts[0]?.message, null);
    assert.match(verdicts[1]?.message ?? '', /^HALTUSDT is halted/);
    assert.match(verdicts[2]?.message ?? '', /^LUNAUSDT does not trade \(BREAK\): it may be delisted/);
    assert.match(verdicts[3]?.message ?? '', /^NOPE is no symbol/);
  });

  it('finds the wrong ones among many in few calls', async () => {
    const symbols = Array.from({ length: 64 }, (_, at) => `COIN${at}USDT`);
    const { rest, asked } = restWith(symbols.filter((_, at) => at !== 40));
    const wrong = (await checkSymbols(rest, symbols)).filter((verdict) => !verdict.isKnown);
    assert.deepEqual(
      wrong.map((verdict) => verdict.symbol),
      ['COIN40USDT'],
    );
    assert.ok(asked() <= 13, `${asked()} calls`);
  });

  it('takes every symbol for known where the exchange cannot be asked', async () => {
    const fetch: Fetch = async () => new Response('', { status: 503 });
    const rest = new RestClient({ baseUrl: 'https://x', clock: new VirtualClock(1), fetch });
    assert.deepEqual(await checkSymbols(rest, ['A', 'B']), [
      { symbol: 'A', isKnown: true, message: null },
      { symbol: 'B', isKnown: true, message: null },
    ]);
    assert.ok(judgeSymbols(['A'], 'no json').every((verdict) => verdict.isKnown));
  });
});
