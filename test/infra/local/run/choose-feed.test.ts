import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainRefusal } from '../../../../functions/ingest/explain-refusal.ts';
import { MemoryStreamSource } from '../../../../functions/ingest/memory-stream-source.ts';
import { defaultFolder, type FeedIdentity } from '../../../../infra/local/data-folder/feed-claim.ts';
import { chooseFeed } from '../../../../infra/local/run/choose-feed.ts';
import { liveIdentity } from '../../../../infra/local/run/live-identity.ts';
import { probeExchange } from '../../../../infra/local/run/probe-exchange.ts';
import { VirtualClock } from '../../../../shared/virtual-clock.ts';

const URL = 'wss://data-stream.binance.vision';
const refusal = explainRefusal(URL, { errorCode: 'ENOTFOUND' });
const unreachable = async () => refusal;
const reachable = async () => undefined;
const simulated: FeedIdentity = { kind: 'simulated', of: '1', description: '' };
const live: FeedIdentity = { kind: 'live', of: null, description: '' };

describe('the choice of the feed', () => {
  test('live where Binance can be reached', async () => {
    const choice = await chooseFeed({ wish: 'auto', held: undefined, probe: reachable });
    assert.deepEqual(choice, { kind: 'live', note: null });
  });

  test('else simulated, and why in one sentence', async () => {
    const choice = await chooseFeed({ wish: 'auto', held: undefined, probe: unreachable });
    assert.deepEqual(choice, {
      kind: 'simulated',
      note: 'This is the simulated market, because the name data-stream.binance.vision could not be resolved (ENOTFOUND).',
    });
  });

  test('--simulated and a folder of the simulated market do not ask', async () => {
    const probe = () => assert.fail('asked');
    assert.equal((await chooseFeed({ wish: 'simulated', held: live, probe })).kind, 'simulated');
    assert.equal((await chooseFeed({ wish: 'auto', held: simulated, probe })).kind, 'simulated');
  });

  test('--live, and a folder of the live feed, have live or the reason', async () => {
    const insisted = chooseFeed({ wish: 'live', held: undefined, probe: unreachable });
    await assert.rejects(insisted, {
      code: 'LIVE_UNREACHABLE',
      message: /could not be resolved .*Check the network/,
    });
    const held = chooseFeed({ wish: 'auto', held: live, probe: unreachable });
    await assert.rejects(held, { code: 'LIVE_UNREACHABLE', message: /leave --data and DATA_DIR out\.$/ });
    assert.equal((await chooseFeed({ wish: 'live', held: simulated, probe: reachable })).kind, 'live');
  });
});

describe('the probe', () => {
  test('opens one stream and closes it again', async () => {
    const source = new MemoryStreamSource();
    assert.equal(
      await probeExchange(URL, 'btcusdt@trade', { source, clock: new VirtualClock(0) }),
      undefined,
    );
    assert.equal(source.connections.length, 0);
  });

  test('passes on why it was refused', async () => {
    const source = new MemoryStreamSource((connection) => connection.refuse(refusal));
    const found = await probeExchange(URL, 'btcusdt@trade', { source, clock: new VirtualClock(0) });
    assert.equal(found?.code, 'DNS');
  });

  test('gives up after four seconds, whatever holds it', async () => {
    const source = new MemoryStreamSource(() => {});
    const clock = new VirtualClock(0);
    const probing = probeExchange(URL, 'btcusdt@trade', { source, clock });
    clock.advanceTo(4_000_000);
    assert.equal((await probing)?.code, 'TIMEOUT');
    assert.equal(source.connections.length, 0);
  });
});

describe('the folder of a feed', () => {
  test('Binance.com is one feed whatever host serves it; other exchanges and testnets are apart', () => {
    for (const url of [URL, 'wss://stream.binance.com:9443', 'wss://stream.binance.com:443'])
      assert.equal(liveIdentity(url).of, null);
    assert.equal(liveIdentity('wss://stream.binance.us:9443').of, 'stream.binance.us');
    assert.equal(liveIdentity('wss://stream.testnet.binance.vision').of, 'stream.testnet.binance.vision');
    assert.equal(liveIdentity('wss://evilbinance.com').of, 'evilbinance.com');
  });

  test('each has a default of its own', () => {
    const folders = [
      live,
      liveIdentity('wss://stream.binance.us:9443'),
      simulated,
      { ...simulated, of: '2' },
    ].map((feed) => defaultFolder(feed));
    assert.deepEqual(folders, [
      '.data/live',
      '.data/live-stream.binance.us',
      '.data/simulated',
      '.data/simulated-2',
    ]);
  });
});
