/**
 * How long each function's bundle takes from import to a handler that can be called, in a fresh process, and how
 * large it is. Run: node bench/cold-start.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAll } from '../infra/aws/bundle.ts';
import { runBundle } from '../test/infra/aws/run-bundle.ts';
import { printResult, printSetting } from './bench-report.ts';

const RUNS = 15;
const VARIABLES = {
  KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
  KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM',
  STATE_TABLE: 'state',
  NOTIFY_QUEUE_URL: 'https://sqs.example/notify',
  SLACK_WEBHOOK_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x',
};

printSetting(`${RUNS} fresh processes a function, source maps on; bar 300 ms and 1 MB`);
const outDir = mkdtempSync(join(tmpdir(), 'market-cold-start-'));
for (const { name, file, sizeBytes } of bundleAll(outDir, [
  'validate',
  'aggregate',
  'dead-letter',
  'notify',
]).values()) {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) times.push((await runBundle(file, VARIABLES, null)).initMs);
  printResult(`init of ${name}`, times, 'ms', `${Math.round(sizeBytes / 1024)} KiB minified`);
}
rmSync(outDir, { recursive: true });
