import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type FakeGrafana, startFakeGrafana, TOKEN } from './fake-grafana.ts';

const COMMAND = join(import.meta.dirname, '../../../../infra/grafana/push.ts');

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...process.env, GRAFANA_TOKEN: '', ...env },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('npm run grafana:push', () => {
  let grafana: FakeGrafana;
  before(async () => {
    grafana = await startFakeGrafana();
  });
  after(() => grafana.close());

  it('says what became of each dashboard and where it is', async () => {
    const first = await run(['--url', `${grafana.url}/`, '--token', TOKEN, '--folder', 'Desk']);
    assert.deepEqual([first.code, first.err], [0, '']);
    assert.match(
      first.out,
      new RegExp(`^created   dashboard Market overview  ${grafana.url}/d/market$`, 'm'),
    );
    const second = await run(['--url', grafana.url], { GRAFANA_TOKEN: TOKEN });
    assert.match(second.out, /^updated {3}dashboard Risk monitor/m);
    assert.equal(grafana.dashboards.size, 3);
  });

  it('tells a wrong call from a Grafana that refuses, by its exit code and one line', async () => {
    for (const args of [[], ['--url', 'grafana'], ['--url', grafana.url], ['--what']]) {
      const { code, err } = await run(args);
      assert.equal(code, 2, err);
      assert.equal(err.trim().split('\n').length, 1);
    }
    const refused = await run(['--url', grafana.url, '--token', 'wrong']);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /does not take the token/);
    assert.ok(!refused.err.includes('wrong'), 'the token is never shown');
  });
});
