/**
 * How long each function's bundle takes in a fresh Node, from before its import to a handler that can be called
 * (Lambda's init), and from there to the answer to its first event: recorded trades for validate and aggregate. The
 * backends are those of the tests, on loopback. Without the recordings, or a Kafka for validate, the init alone is
 * measured and what is missing is said.
 * Run: node bench/cold-start.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundleName, bundle } from '../infra/aws/bundle.ts';
import { DEFAULT_TOPIC_NAMES } from '../shared/log/topics.ts';
import { startBackends } from '../test/infra/aws/bundle-backends.ts';
import { alarmEvent, recordedTradesEvent, unreadableLetterEvent } from '../test/infra/aws/bundle-events.ts';
import { recordedRawEvent } from '../test/infra/aws/recorded-event.ts';
import { runBundle } from '../test/infra/aws/run-bundle.ts';
import { findBroker } from '../test/kafka/broker/find-broker.ts';
import { openTestLog } from '../test/kafka/open-test-log.ts';
import { recordings, skipWithoutRecordings } from '../test/recordings.ts';
import { printResult, printSetting } from './bench-report.ts';

const RUNS = 15;
const EVENT_RECORDS = 500;

printSetting(
  `${RUNS} fresh processes a function, source maps on; bar of the init 300 ms, of the bundle 1 MB`,
);
if (skipWithoutRecordings !== false) console.log(skipWithoutRecordings);
const outDir = mkdtempSync(join(tmpdir(), 'market-cold-start-'));
const backends = await startBackends();
try {
  const events = {
    aggregate: recordings === undefined ? null : recordedTradesEvent(recordings),
    'dead-letter': unreadableLetterEvent(),
    notify: alarmEvent(),
  };
  for (const name of ['aggregate', 'dead-letter', 'notify'] as const) await measure(name, events[name]);
  await measureValidate();
} finally {
  await backends.close();
  rmSync(outDir, { recursive: true });
}

async function measure(name: BundleName, event: unknown): Promise<void> {
  const { file, sizeBytes } = bundle(name, outDir);
  const inits: number[] = [];
  const calls: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    // A table of its own, so that every event is new.
    const variables = await backends.variables(`${name}-${run}`);
    const { initMs, callMs } = await runBundle(file, variables, event);
    inits.push(initMs);
    calls.push(callMs);
  }
  printResult(`init of ${name}`, inits, 'ms', `${Math.round(sizeBytes / 1024)} KiB minified`);
  if (event !== null) printResult(`first event of ${name}`, calls, 'ms');
}

/** Its events go to Kafka, which shares the machine. */
async function measureValidate(): Promise<void> {
  const choice = findBroker();
  if (choice.kind === 'none' || recordings === undefined) {
    if (choice.kind === 'none') console.log(choice.lacks);
    return measure('validate', null);
  }
  const broker = await choice.start();
  try {
    const { rawTrades, trades } = DEFAULT_TOPIC_NAMES;
    const log = await openTestLog(broker.plain);
    await log.ensureTopics([{ name: trades, partitions: 1, retentionMs: -1, compacted: false }]);
    await log.close();
    const event = recordedRawEvent(recordings, 'btcusdt@trade', rawTrades, EVENT_RECORDS, broker.plain);
    await measure('validate', event);
  } finally {
    await broker.close();
  }
}
