import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { StreamClient, until } from '../exchange/stream-client.ts';

const COMMAND = join(import.meta.dirname, '../../../../infra/local/cli/exchange.ts');

function run(...args: string[]): { readonly child: ReturnType<typeof spawn>; text(): string } {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  return { child, text: () => text };
}

describe('npm run exchange', () => {
  it('prints its URLs and how to point a monitor at it, serves, and ends on SIGTERM', async () => {
    const { child, text } = run('--port', '0', '--symbols', 'btcusdt,ethusdt', '--faults', '4');
    try {
      await until('the URLs', () => text().includes('End it with'));
      const base =
        /BINANCE_REST_URL=(http:\/\/127\.0\.0\.1:\d+) SYMBOLS=BTCUSDT,ETHUSDT/.exec(text())?.[1] ?? '';
      const url = /BINANCE_STREAM_URL=(ws:\/\/127\.0\.0\.1:\d+)/.exec(text())?.[1] ?? '';
      assert.match(text(), /faults of seed 4/);
      assert.notEqual((await fetch(`${base}/api/v3/ping`)).status, 404);
      const client = await StreamClient.open(`${url}/ws/btcusdt@bookTicker`);
      await until('a quote', () => client.messages.length > 0);
    } finally {
      child.kill('SIGTERM');
    }
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });

  it('names a bad setting and what is allowed', async () => {
    for (const [args, message] of [
      [['--speed', 'fast'], /--speed is "fast"; allowed is a number above 0, or max/],
      [['--port', '99999'], /--port is "99999"/],
      [['--symbols', 'NOPE'], /does not trade NOPE/],
      [['--recording', '/no/such/recording'], /no recording at \/no\/such\/recording/],
    ] as const) {
      const { child, text } = run(...args);
      const [code] = await once(child, 'close');
      assert.equal(code, 1);
      assert.match(text(), message);
      assert.doesNotMatch(text(), /\n\s+at /);
    }
  });
});
