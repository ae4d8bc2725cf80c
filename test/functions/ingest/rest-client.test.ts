import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Fetch, RestClient } from '../../../functions/ingest/rest-client.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

function client(answers: (Response | Error | 'hang')[], weightPerMinute = 100) {
  const clock = new VirtualClock(1_723_161_600_000_000);
  const asked: string[] = [];
  const fetch: Fetch = (url, { signal }) => {
    asked.push(url);
    const answer = answers.shift() ?? new Response('[]');
    if (answer === 'hang')
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { clock, asked, rest: new RestClient({ baseUrl: 'https://x/', clock, fetch, weightPerMinute }) };
}

describe('RestClient', () => {
  it('asks with the query and gives the body back as it came', async () => {
    const { rest, asked } = client([new Response('[ {"id":1} ]')]);
    const answer = await rest.get('/api/v3/historicalTrades', { symbol: 'BTCUSDT', fromId: 5 });
    assert.deepEqual(asked, ['https://x/api/v3/historicalTrades?symbol=BTCUSDT&fromId=5']);
    assert.equal(answer.kind === 'answer' && answer.body.toString(), '[ {"id":1} ]');
  });

  it('asks nothing that the weight budget of the minute does not hold, and says until when', async () => {
    const { rest, asked, clock } = client([]);
    for (let call = 0; call < 4; call += 1) await rest.get('/api/v3/historicalTrades');
    const over = await rest.get('/api/v3/historicalTrades');
    assert.equal(asked.length, 4);
    assert.ok(over.kind === 'later' && over.afterMs > 59_000 && over.afterMs < 61_000);
    clock.advance(over.kind === 'later' ? over.afterMs : 0);
    assert.equal((await rest.get('/api/v3/historicalTrades')).kind, 'answer');
  });

  it('believes the weight that the exchange tells, which counts others behind the same address', async () => {
    const { rest, asked } = client([new Response('[]', { headers: { 'x-mbx-used-weight-1m': '99' } })]);
    await rest.get('/api/v3/aggTrades');
    assert.equal((await rest.get('/api/v3/aggTrades')).kind, 'later');
    assert.equal(asked.length, 1);
  });

  it('honours Retry-After of 429 and 418 for every call', async () => {
    for (const status of [429, 418]) {
      const { rest, asked, clock } = client([new Response('', { status, headers: { 'retry-after': '30' } })]);
      const answer = await rest.get('/api/v3/time');
      assert.ok(answer.kind === 'later' && answer.afterMs === 30_000);
      clock.advance(29_000);
      const waits = await rest.get('/api/v3/klines');
      assert.match(waits.kind === 'later' ? waits.refusal.message : '', /Retry-After/);
      assert.equal(asked.length, 1);
      clock.advance(1_000);
      assert.equal((await rest.get('/api/v3/klines')).kind, 'answer');
    }
  });

  it('tells what may pass from what will not', async () => {
    const { rest } = client([
      new Response('', { status: 503 }),
      new Response('', { status: 451 }),
      Object.assign(new TypeError('fetch failed'), {
        cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }),
      }),
    ]);
    const kinds = [];
    for (let call = 0; call < 3; call += 1) {
      const answer = await rest.get('/api/v3/time');
      kinds.push([answer.kind, answer.kind === 'answer' ? '' : answer.refusal.code]);
    }
    assert.deepEqual(kinds, [
      ['later', 'EXCHANGE_FAULT'],
      ['refused', 'RESTRICTED_LOCATION'],
      ['later', 'DNS'],
    ]);
  });

  it('gives up waiting for an answer after its timeout', async () => {
    const { rest, clock } = client(['hang']);
    const asking = rest.get('/api/v3/time');
    clock.advance(10_000);
    const answer = await asking;
    assert.equal(answer.kind === 'later' && answer.refusal.code, 'TIMEOUT');
  });
});
