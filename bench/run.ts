/** Every measurement that BENCHMARKS.md quotes, one after the other, each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHES = [
  'fold.ts',
  'scan.ts',
  'validate.ts',
  'ingest.ts',
  'pipeline.ts',
  'kafka.ts',
  'latency.ts',
  'timestream-write.ts',
  'cold-start.ts',
  'state-cost.ts',
];

for (const bench of BENCHES) {
  console.log(`\n# ${bench}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, bench)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
