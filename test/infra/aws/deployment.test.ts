import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { buildApp } from '../../../infra/aws/build-app.ts';
import { parseDeployment } from '../../../infra/aws/deployment.ts';
import { allowedSymbols, environmentOf, metricSymbols } from '../../../infra/aws/environment.ts';
import { deploymentOf, standIns } from './synthesise.ts';

function faults(given: Readonly<Record<string, unknown>>): readonly string[] {
  const parsed = parseDeployment(given);
  return parsed.kind === 'faults' ? parsed.faults : [];
}

describe('a deployment', () => {
  test('has a default for everything, and takes the polling of its size', () => {
    const deployment = deploymentOf();
    assert.equal(deployment.size.name, 'dev');
    assert.equal(deployment.polling, 'on-demand');
    assert.deepEqual(deployment.symbols, ['BTCUSDT', 'ETHUSDT', 'BNBUSDT']);
    assert.equal(deploymentOf({ size: 'express' }).polling, 'provisioned');
    assert.deepEqual(deploymentOf({ symbols: 'btcusdt, ETHUSDT,BTCUSDT' }).symbols, ['BTCUSDT', 'ETHUSDT']);
  });

  for (const [name, value] of [
    ['symbols', 'BTC/USDT'],
    ['streams', 'depth'],
    ['size', 'huge'],
    ['polling', 'sometimes'],
    ['email', 'ops@nowhere'],
    ['email', 'two@a.example,three@a.example'],
    ['store', 'postgres'],
    ['store', 'influxdb'],
    ['name', '1st'],
    ['budgetUsd', '-5'],
    ['streamUrl', 'https://stream.binance.com'],
    ['managedGrafana', 'perhaps'],
    ['timestreamCell', 'ingest-cell2'],
    ['budgetScope', 'team'],
    ['storageGib', '5'],
    ['storageGib', '20000'],
  ] as const) {
    test(`refuses ${name} "${value}" and says what is allowed`, () => {
      const [fault, ...others] = faults({ [name]: value });
      assert.deepEqual(others, []);
      assert.ok(fault?.startsWith(`${name} is "${value}"; `), fault);
    });
  }

  test('begins with so much storage as is given, and lets it grow to twice that at least', () => {
    const storageOf = (given: Readonly<Record<string, string>>) => deploymentOf(given).size.broker.storageGib;
    assert.deepEqual(storageOf({}), { least: 20, most: 250 });
    assert.deepEqual(storageOf({ storageGib: '60' }), { least: 60, most: 250 });
    assert.deepEqual(storageOf({ size: 'standard', storageGib: '900' }), { least: 900, most: 1_800 });
    assert.deepEqual(storageOf({ size: 'standard', storageGib: '16384' }), { least: 16_384, most: 16_384 });
    assert.match(faults({ size: 'express', storageGib: '60' })[0] ?? '', /express have no disks/);
  });

  test('tells all faults at once', () => {
    assert.equal(faults({ size: 'x', symbols: '?', email: 'y' }).length, 3);
  });
});

describe('the variables of a deployable', () => {
  test('have room for any number of symbols', () => {
    assert.equal(allowedSymbols(['BTCUSDT', 'ETHUSDT']), 'BTCUSDT,ETHUSDT');
    const many = Array.from({ length: 400 }, (_, index) => `COIN${index}USDT`);
    assert.equal(allowedSymbols(many), '*');
    assert.equal(metricSymbols(many).split(',').length, 20);
  });

  test('have the defaults of the settings where nothing is given', () => {
    assert.equal(environmentOf('aggregate', {}).WATERMARK_DELAY_MS, '10000');
  });
});

test('a finding of cdk-nag that nobody gave a reason for stops the synthesis', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'market-finding-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { app, alerting } = buildApp(deploymentOf(), standIns(folder), {
    outdir: join(folder, 'out'),
    autoSynth: false,
    analyticsReporting: false,
  });
  new Queue(alerting, 'Bare');
  assert.throws(() => app.synth(), /validation/i);
});
