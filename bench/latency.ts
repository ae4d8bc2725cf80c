/**
 * From the append of the record that moves the watermark to the final row being queryable, on one machine: raw
 * record, log, validate, log, aggregate, state, store, query.
 * Run: node bench/latency.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runQuery } from '../functions/adapters/timestream/query.ts';
import { openEmbeddedLog } from '../infra/local/log/embedded-log.ts';
import { startPipeline } from '../infra/local/pipeline/start-pipeline.ts';
import { systemClock } from '../infra/local/system-clock.ts';
import { encodeRawHeader, RAW_HEADER } from '../shared/events/raw-header.ts';
import { DEFAULT_TOPIC_NAMES } from '../shared/log/topics.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { printSetting } from './bench-report.ts';

const SAMPLES = 300;
const WARM = 50;
/** Apart from one another, as a quiet market is: nothing is batched. */
const PAUSE_MS = 20;

const folder = await mkdtemp(join(tmpdir(), 'latency-bench-'));
const read = readSettings({}, {});
if (read.kind === 'faults') throw new Error('the defaults are settings');
const log = openEmbeddedLog({ dir: join(folder, 'log'), clock: systemClock });
const pipeline = await startPipeline({ settings: read.settings, dir: folder, log, clock: systemClock });
const producer = await log.producer();
const baseMs = Math.floor(Date.now() / 10_000) * 10_000 - 3_000_000;

try {
  const samplesMs: number[] = [];
  for (let n = 0; n < WARM + SAMPLES; n += 1) {
    await appendTrade(n + 1, baseMs + n * 10_000);
    // The watermark is ten seconds behind: this trade closes the pane of the one two before it.
    const start = performance.now();
    const wanted = baseMs + (n - 2) * 10_000;
    // The store knows its columns only once something was written.
    if (n < 3) await pipeline.idle();
    else while (!(await isFinal(wanted))) {}
    if (n >= WARM) samplesMs.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  samplesMs.sort((a, b) => a - b);
  printSetting(`${SAMPLES} trades, ${PAUSE_MS} ms apart, each the one that closes a pane; polled by query`);
  const at = (share: number): string =>
    `${(samplesMs[Math.min(samplesMs.length - 1, Math.floor(samplesMs.length * share))] ?? 0).toFixed(1)} ms`;
  console.log(`append to queryable row: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, most ${at(1)}`);
} finally {
  await pipeline.stop();
  await producer.close();
  await log.close();
  await rm(folder, { recursive: true, force: true });
}

async function appendTrade(id: number, timeMs: number): Promise<void> {
  const data = `{"e":"trade","E":${timeMs},"s":"BTCUSDT","t":${id},"p":"61837.63","q":"0.02","T":${timeMs},"m":true,"M":true}`;
  const header = { receivedUs: timeMs * 1_000, connection: 't0-1', source: 'live', frame: id } as const;
  await producer.send([
    {
      topic: DEFAULT_TOPIC_NAMES.rawTrades,
      key: 'BTCUSDT',
      value: `{"stream":"btcusdt@trade","data":${data}}`,
      headers: [[RAW_HEADER, encodeRawHeader(header)]],
    },
  ]);
}

async function isFinal(startMs: number): Promise<boolean> {
  const { rows } = await runQuery(
    pipeline.clients.timestreamQuery,
    `SELECT 1 FROM market.candles WHERE symbol = 'BTCUSDT' AND resolution = '10s' AND final AND time = from_milliseconds(${startMs})`,
  );
  return rows.length > 0;
}
