import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { ensureStore } from '../functions/adapters/timestream/ensure-store.ts';
import { timestreamRowWriter } from '../functions/adapters/timestream/row-writer.ts';
import type { Column, Row } from '../shared/row.ts';

// Records a second through the SDK and HTTP into the local Timestream, and the latency of a call of 5 rows.
// The server is a process of its own, as for Grafana and the SDK. Run: node bench/timestream-write.ts

const RECORDS = 20_000;
const ROUNDS = 5;
const START_MS = Date.now() - 3_600_000;

/** A row with as many figures as the table has columns: `candles` about 30, `trades` 10. */
function rowOf(table: 'candles' | 'trades', round: number, index: number, version: number): Row {
  const figures = table === 'candles' ? 28 : 8;
  const columns: Column[] = Array.from({ length: figures }, (_, column) => ({
    name: `figure_${column}`,
    type: column % 3 === 0 ? 'BIGINT' : 'DOUBLE',
    value: column % 3 === 0 ? String(index + column) : `${index}.${column + 1}`,
  }));
  columns.push({ name: 'source', type: 'VARCHAR', value: 'live' });
  columns.push({ name: 'is_buyer_maker', type: 'BOOLEAN', value: 'true' });
  return {
    table,
    dimensions: [['symbol', `S${index % 3}`]],
    timeNs: `${BigInt(START_MS + round) * 1_000_000n + BigInt(index)}`,
    version: String(version),
    columns,
  };
}

const dir = mkdtempSync(join(tmpdir(), 'timestream-bench-'));
const command = join(import.meta.dirname, '..', 'infra', 'local', 'cli', 'timestream.ts');
const server = spawn(process.execPath, [command, '--port', '0', '--data', dir], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [greeting] = await once(server.stdout, 'data');
const endpoint = /http:\S+\d/.exec(String(greeting))?.[0];
if (endpoint === undefined) throw new Error(`the server said ${greeting}`);
const client = new TimestreamWriteClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
const writer = timestreamRowWriter({ client, sleep: (delayMs) => sleep(delayMs), random: Math.random });
await ensureStore(client);

const rates = { trades: [] as number[], candles: [] as number[] };
for (let round = 0; round < ROUNDS; round += 1) {
  for (const table of ['trades', 'candles'] as const) {
    const rows = Array.from({ length: RECORDS }, (_, index) => rowOf(table, round, index, 1));
    const began = performance.now();
    const { written } = await writer.write(rows);
    if (written !== RECORDS) throw new Error(`only ${written} of ${RECORDS} rows were written`);
    rates[table].push((RECORDS * 1000) / (performance.now() - began));
  }
}
const latencies: number[] = [];
for (let call = 0; call < 200; call += 1) {
  const rows = Array.from({ length: 5 }, (_, index) => rowOf('candles', 0, index, call + 2));
  const began = performance.now();
  await writer.write(rows);
  latencies.push(performance.now() - began);
}
const serverPeak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1];
server.kill('SIGTERM');
await once(server, 'exit');
client.destroy();
rmSync(dir, { recursive: true });

const at = (values: number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length * share)] ?? Number.NaN;
process.stdout.write(
  `${JSON.stringify({
    machine: `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`,
    trades_per_second_median: Math.round(at(rates.trades, 0.5)),
    candles_per_second_median: Math.round(at(rates.candles, 0.5)),
    update_call_of_5_rows_p50_ms: Number(at(latencies, 0.5).toFixed(2)),
    update_call_of_5_rows_p99_ms: Number(at(latencies, 0.99).toFixed(2)),
    server_peak_mb: Math.round(Number(serverPeak ?? 0) / 1024),
  })}\n`,
);
