import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { announceInstance, withdrawInstance } from '../../../../infra/local/data-folder/instance-file.ts';
import { openEmbeddedLog } from '../../../../infra/local/log/embedded-log.ts';
import { startPipeline } from '../../../../infra/local/pipeline/start-pipeline.ts';
import { systemClock } from '../../../../infra/local/system-clock.ts';
import { encodeRawHeader, RAW_HEADER } from '../../../../shared/events/raw-header.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../../shared/log/topics.ts';
import { readSettings } from '../../../../shared/settings/read-settings.ts';

const CLI = join(import.meta.dirname, '../../../../infra/local/cli/dlq.ts');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function dlq(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

function frame(symbol: string, tradeId: number): { readonly text: string; readonly header: string } {
  const timeMs = Date.now();
  const data = {
    e: 'trade',
    E: timeMs,
    s: symbol,
    t: tradeId,
    p: '1.5',
    q: '2',
    T: timeMs,
    m: true,
    M: true,
  };
  return {
    text: JSON.stringify({ stream: `${symbol.toLowerCase()}@trade`, data }),
    header: encodeRawHeader({
      receivedUs: timeMs * 1000,
      connection: 't0-1',
      source: 'live',
      frame: tradeId,
    }),
  };
}

describe('dlq', { timeout: 60_000 }, () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dlq-cli-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  /** A running instance on the folder that lets these symbols through. */
  async function instance(symbols: readonly string[]) {
    const log = openEmbeddedLog({ dir: join(dir, 'log'), clock: systemClock });
    await log.ensureTopics(topicSpecs(DEFAULT_TOPIC_NAMES));
    const read = readSettings({});
    assert.ok(read.kind === 'settings');
    const counts = { trades: 0 };
    const pipeline = await startPipeline({
      settings: read.settings,
      dir,
      log,
      clock: systemClock,
      symbols: new Set(symbols),
      onAggregated: ({ trades }) => {
        counts.trades += trades;
      },
    });
    await announceInstance(dir, {
      pid: process.pid,
      feed: 'test',
      timestreamEndpoint: pipeline.timestreamEndpoint,
      healthUrl: null,
      operatorUrl: pipeline.operatorUrl,
      startedAt: new Date().toISOString(),
    });
    return {
      log,
      pipeline,
      counts,
      stop: async () => {
        await withdrawInstance(dir);
        await pipeline.stop();
        await log.close();
      },
    };
  }

  it('lists and shows beside a running instance, and has it put back what the rules take', async () => {
    const first = await instance(['ETHUSDT']);
    const producer = await first.log.producer();
    const good = frame('BTCUSDT', 1);
    const raw = { topic: DEFAULT_TOPIC_NAMES.rawTrades, key: 'BTCUSDT' };
    await producer.send([
      { ...raw, value: good.text, headers: [[RAW_HEADER, good.header]] },
      { ...raw, value: Buffer.from([0xff, 0x1b, 0x5b]), headers: [[RAW_HEADER, good.header]] },
    ]);
    await first.pipeline.idle();

    const listed = await dlq('list', '--data', dir);
    assert.equal(listed.code, 0, listed.err);
    assert.match(listed.out, /1 {2}SYMBOL_NOT_ALLOWED/);
    assert.match(listed.out, /1 {2}NOT_UTF8/);
    const shown = await dlq('show', '--reason', 'NOT_UTF8', '--data', dir);
    assert.match(shown.out, /payload {3}3 bytes\n\nff1b5b\n/);
    assert.match((await dlq('show', '0', '--data', dir)).out, /btcusdt@trade/);
    const none = await dlq('redrive', '--data', dir);
    assert.match(none.out, /2 letters looked at: 0 records put back/);
    assert.match(none.out, /2 left \(STILL_REFUSED\)/);
    await first.stop();

    const second = await instance(['BTCUSDT', 'ETHUSDT']);
    const redriven = await dlq('redrive', '--data', dir, '--since', '1h');
    assert.match(redriven.out, /2 letters looked at: 1 records put back, 0 rows written/);
    await second.pipeline.idle();
    assert.equal(second.counts.trades, 1);
    await second.pipeline.idle();
    assert.match((await dlq('list', '--data', dir)).out, /SYMBOL_NOT_ALLOWED .* redriven/);
    assert.match((await dlq('redrive', '--data', dir)).out, /1 left \(ALREADY_REDRIVEN\)/);
    await second.stop();
  });

  it('puts back in the log itself where no instance runs, and refuses where one holds it in silence', async () => {
    const silent = openEmbeddedLog({ dir: join(dir, 'log'), clock: systemClock });
    const producer = await silent.producer();
    const bad = frame('BTCUSDT', 2);
    const value = '{"event_type":"nothing"}';
    await producer.send([{ topic: DEFAULT_TOPIC_NAMES.deadLetters, key: null, value }]);
    await producer.send([{ topic: DEFAULT_TOPIC_NAMES.rawTrades, key: 'BTCUSDT', value: bad.text }]);
    const refused = await dlq('redrive', '--data', dir);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /is written by another process/);
    await silent.close();
    assert.equal((await dlq('redrive', '--data', dir)).code, 0);
  });

  it('names what is wrong with a call', async () => {
    for (const args of [[], ['lst'], ['list', 'x'], ['list', '--since', 'soon'], ['list', '--limit', 'x']]) {
      const { code, err } = await dlq(...args, '--data', dir);
      assert.equal(code, 2, args.join(' '));
      assert.ok(err.length > 0);
    }
    assert.equal((await dlq('show', '99', '--data', dir)).code, 2);
    assert.equal((await dlq('list', '--data', join(dir, 'nothing'))).code, 1);
    assert.match((await dlq('--help')).out, /redrive/);
  });
});
