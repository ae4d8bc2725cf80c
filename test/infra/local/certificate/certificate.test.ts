import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { timestreamRowWriter } from '../../../../functions/adapters/timestream/row-writer.ts';
import { CERTIFICATE_FILE, runCertificate } from '../../../../infra/local/certificate/run-certificate.ts';
import { announceInstance, withdrawInstance } from '../../../../infra/local/data-folder/instance-file.ts';
import { openStores } from '../../../../infra/local/pipeline/open-stores.ts';
import { runRebuild } from '../../../../infra/local/rebuild/run-rebuild.ts';
import { openRecording } from '../../../../infra/local/recordings/recording.ts';
import { runReplay } from '../../../../infra/local/replay/run-replay.ts';
import { systemClock } from '../../../../infra/local/system-clock.ts';
import { formatCertificate } from '../../../../infra/operator/certificate/format-certificate.ts';
import type { Certificate } from '../../../../shared/certificate/certificate.ts';
import { readSettings } from '../../../../shared/settings/read-settings.ts';
import { epochAt, rowVersion } from '../../../../shared/window/row-version.ts';
import { RECORDED_FROM_US, writeSimulatedRecording } from '../simulated-recording.ts';

const SYMBOL = 'BTCUSDT';
const read = readSettings({});
assert.ok(read.kind === 'settings');
const { settings } = read;

/** A candle's row at the start of the recording, spoilt by a program of the past. */
const SPOILT = {
  table: 'candles',
  dimensions: [
    ['symbol', SYMBOL],
    ['resolution', '10s'],
  ],
  timeNs: `${RECORDED_FROM_US + 60_000_000}000`,
} as const;

describe('certificate and rebuild of a data folder', () => {
  let recorded = '';
  let dir = '';
  let first: Certificate | undefined;

  before(async () => {
    recorded = await writeSimulatedRecording({ symbols: [SYMBOL, 'ETHUSDT'], minutes: 3 });
    dir = await mkdtemp(join(tmpdir(), 'market-certificate-'));
    await runReplay({
      recording: await openRecording([recorded]),
      description: 'a simulated market',
      dir,
      settings,
      environment: {},
      speed: 'max',
      again: false,
    });
    first = JSON.parse(await readFile(join(dir, CERTIFICATE_FILE), 'utf8'));
  });

  after(async () => {
    await rm(dir, { recursive: true, force: true });
    await rm(dirname(recorded), { recursive: true, force: true });
  });

  const certify = (day?: string): Promise<Certificate> =>
    runCertificate({ dir, settings, environment: {}, clock: systemClock, ...(day && { day }) });

  const rebuildAll = () =>
    runRebuild({
      range: { symbol: SYMBOL, fromUs: RECORDED_FROM_US, toUs: RECORDED_FROM_US + 240_000_000 },
      dir,
      settings,
      environment: {},
      clock: systemClock,
    });

  it('is written at the end of a replay and is the same when asked for later, its time aside', async () => {
    assert.ok(first?.sound);
    const later = await certify();
    assert.deepEqual({ ...later, issued_at: '', feed: '' }, { ...first, issued_at: '', feed: '' });
    for (const { ids, counted, state_agrees, candles } of later.symbols) {
      assert.ok(ids.received > 100);
      assert.deepEqual(
        [ids.expected, counted, ids.repaired, ids.missing, ids.untold, ids.duplicate],
        [ids.received, ids.received, 0, 0, 0, 0],
      );
      assert.equal(state_agrees, true);
      assert.ok(candles.equal >= 2);
      assert.deepEqual([candles.differs, candles.recheck_differs], [0, 0]);
      assert.ok(candles.rechecked >= candles.equal);
    }
    assert.ok((later.latency.exchange_to_ingest?.p50_ms ?? 0) > 0);
    assert.ok((later.latency.log_to_validated?.samples ?? 0) > 100);
    assert.match(formatCertificate(later), /^SOUND/m);
  });

  it('counts a single day, and nothing on another', async () => {
    const day = await certify('2026-11-20');
    assert.deepEqual(
      day.symbols.map(({ symbol, ids }) => [symbol, ids.received]),
      first?.symbols.map(({ symbol, ids }) => [symbol, ids.received]),
    );
    assert.deepEqual(day.digest, first?.digest);
    const empty = await certify('2026-11-19');
    assert.deepEqual(empty.symbols, []);
    assert.match(formatCertificate(empty), /^NOTHING TO PROVE/m);
  });

  it('is not sound once a row is spoilt, until a rebuild puts it right; a second rebuild writes nothing', async () => {
    const untouched = await rebuildAll();
    assert.deepEqual([untouched.rowsWritten, untouched.panesReplaced], [0, 0]);
    const stores = await openStores(settings, dir, systemClock, () => RECORDED_FROM_US / 1_000 + 300_000);
    const rows = timestreamRowWriter(
      { client: stores.clients.timestreamWrite, sleep: async () => {}, random: Math.random },
      { database: settings.timestreamDatabase },
    );
    await rows.write([
      {
        ...SPOILT,
        version: rowVersion(epochAt(Date.now()), 1_000_000, true),
        columns: [{ name: 'trade_count', type: 'BIGINT', value: '1' }],
      },
    ]);
    await stores.close();
    const spoilt = await certify();
    assert.equal(spoilt.sound, false);
    assert.match(formatCertificate(spoilt), /^NOT SOUND/m);
    assert.notEqual(spoilt.digest.market, first?.digest.market);

    const report = await rebuildAll();
    assert.equal(report.rowsWritten, 1);
    const again = await certify();
    assert.ok(again.sound);
    assert.equal(again.digest.market, first?.digest.market);
    assert.equal((await rebuildAll()).rowsWritten, 0);
  });

  it('is refused a rebuild while an instance runs on the folder', async () => {
    const stores = await openStores(settings, dir, systemClock, Date.now);
    const endpoint = await stores.clients.timestreamQuery.config.endpoint?.();
    await announceInstance(dir, {
      pid: process.pid,
      feed: 'a test',
      timestreamEndpoint: `http://127.0.0.1:${endpoint?.port}`,
      healthUrl: null,
      startedAt: new Date().toISOString(),
    });
    try {
      await assert.rejects(rebuildAll(), { code: 'DATA_FOLDER_RUNNING' });
      const beside = await certify();
      assert.ok(beside.sound);
      assert.ok(beside.symbols.every(({ state_agrees }) => state_agrees === null));
    } finally {
      await withdrawInstance(dir);
      await stores.close();
    }
  });
});
