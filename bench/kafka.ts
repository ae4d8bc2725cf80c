/**
 * The log on a real Kafka on this machine: produced and consumed records a second by codec, one record at a time,
 * and from the socket to Kafka's acknowledgement through ingest. The broker is found as the tests find theirs;
 * without one the bench says what it lacks.
 * Run: node bench/kafka.ts
 */
import { cpus } from 'node:os';
import { encodeRawHeader, RAW_HEADER } from '../shared/events/raw-header.ts';
import type { Log, OutgoingRecord } from '../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES, type TopicNames } from '../shared/log/topics.ts';
import { findBroker } from '../test/kafka/broker/find-broker.ts';
import { freshName, openTestLog } from '../test/kafka/open-test-log.ts';
import { printResult, printSetting } from './bench-report.ts';
import { MAX_CPU_US_PER_FRAME, measureIngest } from './ingest.ts';

const RECORDS = 200_000;
const ALONE = 3_000;
const PER_SEND = 200;
const SENDS_IN_FLIGHT = 20;
const ROUNDS = 3;

const choice = findBroker();
if (choice.kind === 'none') console.log(`not measured: ${choice.lacks}`);
else {
  const broker = await choice.start();
  try {
    printSetting(`${broker.kind}, on the same machine; trade frames of about 130 bytes, ten symbols`);
    for (const compression of ['zstd', 'gzip', 'none'] as const) {
      const log = await openTestLog(broker.plain, { compression });
      await measureCodec(log, compression);
      await log.close();
    }
    await measureAlone(broker.plain);
    for (const [rate, frames] of [
      ['max', 200_000],
      [10_000, 50_000],
    ] as const)
      await measureSockets(broker.plain, rate, frames);
  } finally {
    await broker.close();
  }
}

async function measureCodec(log: Log, codec: string): Promise<void> {
  const produced: number[] = [];
  const consumed: number[] = [];
  let cpu = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    const topic = freshName('bench');
    await log.ensureTopics([{ name: topic, partitions: 6, retentionMs: -1, compacted: false }]);
    const own = process.cpuUsage();
    const all = machineCpuUs();
    produced.push(await produce(log, topic));
    const used = process.cpuUsage(own);
    const ownUs = used.user + used.system;
    const restUs = machineCpuUs() - all - ownUs;
    cpu = `CPU per record ${(ownUs / RECORDS).toFixed(1)} µs, rest of the machine ${(restUs / RECORDS).toFixed(1)} µs`;
    consumed.push(await consume(log, topic));
  }
  printResult(`produced and acknowledged, ${codec}`, produced, 'records/s', cpu);
  printResult(`consumed by a group, ${codec}`, consumed, 'records/s');
}

async function produce(log: Log, topic: string): Promise<number> {
  const producer = await log.producer();
  await producer.send([frame(topic, 0)]);
  const startMs = performance.now();
  let next = 1;
  const sender = async (): Promise<void> => {
    while (next < RECORDS) {
      const from = next;
      next = Math.min(RECORDS, from + PER_SEND);
      await producer.send(Array.from({ length: next - from }, (_, at) => frame(topic, from + at)));
    }
  };
  await Promise.all(Array.from({ length: SENDS_IN_FLIGHT }, sender));
  const seconds = (performance.now() - startMs) / 1_000;
  await producer.close();
  return RECORDS / seconds;
}

async function consume(log: Log, topic: string): Promise<number> {
  const consumer = await log.consumer({ groupId: `${topic}-group`, topic });
  const startMs = performance.now();
  let read = 0;
  while (read < RECORDS)
    read += (await consumer.fetch({ maxRecords: 2_000, maxBytes: 4_000_000, waitMs: 20_000 })).length;
  const seconds = (performance.now() - startMs) / 1_000;
  await consumer.close();
  return RECORDS / seconds;
}

/** What batches are worth: each record is sent when the one before it is acknowledged. */
async function measureAlone(server: string): Promise<void> {
  const log = await openTestLog(server, { lingerMs: 0 });
  const topic = freshName('bench-alone');
  await log.ensureTopics([{ name: topic, partitions: 6, retentionMs: -1, compacted: false }]);
  const producer = await log.producer();
  await producer.send([frame(topic, 0)]);
  const startMs = performance.now();
  for (let at = 1; at <= ALONE; at += 1) await producer.send([frame(topic, at)]);
  printResult('one record at a time', [(ALONE * 1_000) / (performance.now() - startMs)], 'records/s');
  await log.close();
}

async function measureSockets(server: string, rate: number | 'max', frames: number): Promise<void> {
  const own = freshName('bench-ingest');
  const topics: TopicNames = {
    ...DEFAULT_TOPIC_NAMES,
    rawTrades: `${own}.raw.trades`,
    rawQuotes: `${own}.raw.quotes`,
    ledger: `${own}.ledger`,
  };
  const measure = await measureIngest(rate, frames, { log: await openTestLog(server), topics });
  const { p50, p99 } = measure.latencyMs;
  const bar = measure.cpuUsPerFrame < MAX_CPU_US_PER_FRAME ? 'met' : 'MISSED';
  console.log(
    `socket to acknowledgement, rate ${rate}: ${measure.framesPerSecond.toLocaleString('en')} frames/s, ` +
      `CPU ${measure.cpuUsPerFrame.toFixed(1)} µs/frame (bar ${MAX_CPU_US_PER_FRAME.toFixed(1)}: ${bar})` +
      (rate === 'max' ? '' : `; latency p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`),
  );
}

function frame(topic: string, at: number): OutgoingRecord {
  const symbol = `COIN${at % 10}USDT`;
  const atMs = 1_723_161_255_343 + at;
  const header = encodeRawHeader({
    receivedUs: atMs * 1_000,
    connection: 'p0.t0-1',
    source: 'replay',
    frame: at,
  });
  const value = `{"e":"trade","E":${atMs},"s":"${symbol}","t":${at},"p":"61837.${at % 100}","q":"0.0${at % 977}","T":${atMs},"m":${at % 2 === 0},"M":true}`;
  return { topic, key: symbol, value, headers: [[RAW_HEADER, header]] };
}

/** User and system time of all processes of the machine. */
function machineCpuUs(): number {
  return cpus().reduce((sum, { times }) => sum + (times.user + times.sys) * 1_000, 0);
}
