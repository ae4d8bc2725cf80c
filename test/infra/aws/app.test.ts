import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const { app, context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));

/** Runs the app as the CDK's command line does, without account, credentials or a home folder. */
function runApp(outDir: string, given: Readonly<Record<string, string>> = {}) {
  const [, file = ''] = String(app).split(' ');
  return spawnSync(process.execPath, [file], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 120_000,
    env: {
      PATH: process.env.PATH,
      HOME: outDir,
      CDK_OUTDIR: outDir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...given }),
    },
  });
}

describe('the app that cdk.json names', () => {
  test('synthesises three stacks with the real bundles, knowing no account', (t) => {
    const outDir = mkdtempSync(join(tmpdir(), 'market-app-'));
    t.after(() => rmSync(outDir, { recursive: true, force: true }));
    const run = runApp(outDir);
    assert.equal(run.status, 0, run.stderr + run.stdout);
    const templates = readdirSync(outDir).filter((file) => file.endsWith('.template.json'));
    assert.deepEqual(templates.sort(), [
      'market-monitor-alerting.template.json',
      'market-monitor-data.template.json',
      'market-monitor-pipeline.template.json',
    ]);
    const manifest = readFileSync(join(outDir, 'manifest.json'), 'utf8');
    assert.match(manifest, /aws:\/\/unknown-account\/unknown-region/);
    assert.doesNotMatch(manifest, /"missing"/);
    const data = JSON.parse(readFileSync(join(outDir, 'market-monitor-data.template.json'), 'utf8'));
    assert.equal(data.Outputs.Size.Value, 'dev');
  });

  test('ends with 1 and every fault where it is asked for what cannot be', (t) => {
    const outDir = mkdtempSync(join(tmpdir(), 'market-app-'));
    t.after(() => rmSync(outDir, { recursive: true, force: true }));
    const run = runApp(outDir, { size: 'huge', symbols: 'BTC/USDT', email: 'nobody' });
    assert.equal(run.status, 1);
    for (const name of ['size', 'symbols', 'email'])
      assert.match(run.stderr, new RegExp(`^- ${name} is "`, 'm'));
  });

  test('refuses a setting that there is none of, and leaves the names of the CDK alone', (t) => {
    const outDir = mkdtempSync(join(tmpdir(), 'market-app-'));
    t.after(() => rmSync(outDir, { recursive: true, force: true }));
    const run = runApp(outDir, { sise: 'standard', 'aws:cdk:enable-path-metadata': 'true' });
    assert.equal(run.status, 1);
    assert.match(run.stderr, /^- sise is no setting of a deployment; there are name, /m);
    assert.doesNotMatch(run.stderr, /aws:cdk/);
  });
});
