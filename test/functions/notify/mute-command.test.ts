import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeMutes, readMute } from '../../../functions/notify/mute-command.ts';
import { MemoryIncidents } from './memory-incidents.ts';

describe('the mute command', () => {
  it('reads symbol, kind and time', () => {
    assert.deepEqual(readMute({ symbol: 'btcusdt', kind: 'whale', for: '2h', note: 'listing' }, 1000), {
      symbol: 'BTCUSDT',
      kind: 'whale',
      fromMs: 1000,
      untilMs: 7_201_000,
      note: 'listing',
    });
    assert.deepEqual(readMute({ for: '30m' }, 0), { fromMs: 0, untilMs: 1_800_000, note: '' });
  });

  it('says what to type instead', () => {
    for (const given of [{}, { for: 'ever' }, { for: '2h', kind: 'whales' }, { for: '2h', symbol: 'a b' }]) {
      assert.throws(() => readMute(given, 0), { code: 'MUTE_INVALID' });
    }
  });

  it('drops what is over', async () => {
    const store = new MemoryIncidents();
    await changeMutes(store, readMute({ for: '1s' }, 0), 0);
    const next = readMute({ for: '1m', symbol: 'ETHUSDT' }, 2000);

    assert.deepEqual(await changeMutes(store, next, 2000), [next]);
    assert.deepEqual(await changeMutes(store, null, 100_000), []);
  });
});
