import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { ensureStore } from '../functions/adapters/timestream/ensure-store.ts';
import { timestreamRowWriter } from '../functions/adapters/timestream/row-writer.ts';
import { startTimestream } from '../infra/local/timestream/timestream-server.ts';
import type { Column, Row } from '../shared/row.ts';

// Records a second through the SDK and HTTP into the local Timestream, and the latency of a call of 5 rows.
// Client and server share this process. Run: node bench/timestream-write.ts

const RECORDS = 20_000;
const ROUNDS = 5;
const START_MS = Date.now() - 3_600_000;

function candle(round: number, index: number, version: number): Row {
  const columns: Column[] = Array.from({ length: 28 }, (_, column) => ({
    name: `figure_${column}`,
    type: column % 3 === 0 ? 'BIGINT' : 'DOUBLE',
    value: column % 3 === 0 ? String(index + column) : `${index}.${column + 1}`,
  }));
  columns.push({ name: 'coverage', type: 'VARCHAR', value: 'complete' });
  columns.push({ name: 'final', type: 'BOOLEAN', value: 'true' });
  return {
    table: 'candles',
    dimensions: [
      ['symbol', `S${index % 3}`],
      ['resolution', '1m'],
    ],
    timeNs: `${BigInt(START_MS + round) * 1_000_000n + BigInt(index)}`,
    version: String(version),
    columns,
  };
}

const dir = mkdtempSync(join(tmpdir(), 'timestream-bench-'));
const timestream = await startTimestream({ dir });
const client = new TimestreamWriteClient({
  endpoint: timestream.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
const writer = timestreamRowWriter({ client, sleep: (delayMs) => sleep(delayMs), random: Math.random });
await ensureStore(client);

const rates: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const rows = Array.from({ length: RECORDS }, (_, index) => candle(round, index, 1));
  const began = performance.now();
  const { written } = await writer.write(rows);
  if (written !== RECORDS) throw new Error(`only ${written} of ${RECORDS} rows were written`);
  rates.push((RECORDS * 1000) / (performance.now() - began));
}
const latencies: number[] = [];
for (let call = 0; call < 200; call += 1) {
  const rows = Array.from({ length: 5 }, (_, index) => candle(0, index, call + 2));
  const began = performance.now();
  await writer.write(rows);
  latencies.push(performance.now() - began);
}
await timestream.close();
client.destroy();
rmSync(dir, { recursive: true });

const at = (values: number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length * share)] ?? Number.NaN;
process.stdout.write(
  `${JSON.stringify({
    machine: `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`,
    records_per_second_median: Math.round(at(rates, 0.5)),
    update_call_of_5_rows_p50_ms: Number(at(latencies, 0.5).toFixed(2)),
    update_call_of_5_rows_p99_ms: Number(at(latencies, 0.99).toFixed(2)),
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  })}\n`,
);
