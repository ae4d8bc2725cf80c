import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { wallClock } from '../functions/adapters/wall-clock.ts';
import { startIngest } from '../functions/ingest/ingest.ts';
import { liveConfig } from '../functions/ingest/ingest-config.ts';
import { WsStreamSource } from '../functions/ingest/ws-stream-source.ts';
import { openMemoryLog } from '../infra/local/log/memory-log.ts';
import type { Log, LogProducer, OutgoingRecord } from '../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES, type TopicNames, topicSpecs } from '../shared/log/topics.ts';

/** What one run of ingest was measured at. */
export interface IngestMeasure {
  readonly rate: number | 'max';
  readonly frames: number;
  readonly framesPerSecond: number;
  /** CPU of the ingest process, user and system, per frame. */
  readonly cpuUsPerFrame: number;
  /** CPU of the sending process per frame. */
  readonly generatorCpuUsPerFrame: number | null;
  /** From the exchange's send to the log's acknowledgement, in milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** The bar: CPU per frame below 1/60,000 s. */
export const MAX_CPU_US_PER_FRAME = 1_000_000 / 60_000;

const SYMBOLS = Array.from({ length: 10 }, (_, at) => `COIN${at}USDT`);

/** Trade frames over a real WebSocket from another process, through ingest, into the in-memory log or another. */
export async function measureIngest(
  rate: number | 'max',
  frames: number,
  into?: { readonly log: Log; readonly topics: TopicNames },
): Promise<IngestMeasure> {
  const generator = spawn(
    process.execPath,
    [join(import.meta.dirname, 'ingest-generator.ts'), rate === 'max' ? '0' : String(rate), String(frames)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const lines = createInterface({ input: generator.stdout });
  const [port] = (await once(lines, 'line')) as [string];
  let generatorCpuUs: number | null = null;
  createInterface({ input: generator.stderr }).on('line', (line) => {
    if (line.startsWith('{')) generatorCpuUs = Number(JSON.parse(line).generatorCpuUs);
  });

  const log = into?.log ?? openMemoryLog({ clock: wallClock });
  const topics = into?.topics ?? DEFAULT_TOPIC_NAMES;
  await log.ensureTopics(topicSpecs(topics));
  const latencies: number[] = [];
  const all = Promise.withResolvers<void>();
  const producer = timed(await log.producer(), (record) => {
    latencies.push(sinceSentMs(record));
    if (latencies.length >= frames) all.resolve();
  });
  const config = liveConfig({
    symbols: SYMBOLS,
    streams: ['trade'],
    streamUrl: `ws://127.0.0.1:${port}`,
    microseconds: true,
    topics,
    reconnectDelayMs: 1_000,
    maxReconnectDelayMs: 60_000,
    gapWaitMs: 10_000,
  });
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const ingest = await startIngest(config, {
    clock: wallClock,
    random: Math.random,
    source: new WsStreamSource({ clock: wallClock }),
    producer,
  });
  await all.promise;
  const seconds = (performance.now() - startMs) / 1_000;
  const used = process.cpuUsage(cpu);
  await ingest.stop();
  await log.close();
  generator.kill('SIGTERM');
  await once(generator, 'exit');
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  return {
    rate,
    frames,
    framesPerSecond: Math.round(frames / seconds),
    cpuUsPerFrame: (used.user + used.system) / frames,
    generatorCpuUsPerFrame: generatorCpuUs === null ? null : generatorCpuUs / frames,
    latencyMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
  };
}

function timed(inner: LogProducer, onTrade: (record: OutgoingRecord) => void): LogProducer {
  return {
    send: async (records) => {
      const ranges = await inner.send(records);
      for (const record of records) if (Buffer.isBuffer(record.value)) onTrade(record);
      return ranges;
    },
    close: () => inner.close(),
  };
}

const E = Buffer.from('"E":');

function sinceSentMs(record: OutgoingRecord): number {
  if (!Buffer.isBuffer(record.value)) return 0;
  const at = record.value.indexOf(E) + E.length;
  const sentUs = Number(record.value.toString('latin1', at, at + 16));
  return performance.timeOrigin + performance.now() - sentUs / 1_000;
}

if (import.meta.main) {
  const [cpu] = cpus();
  console.log(`Node ${process.version}, ${availableParallelism()} x ${cpu?.model ?? 'unknown CPU'}`);
  for (const measure of [await measureIngest('max', 400_000), await measureIngest(10_000, 100_000)]) {
    const { p50, p99, max } = measure.latencyMs;
    const bar = measure.cpuUsPerFrame < MAX_CPU_US_PER_FRAME ? 'met' : 'MISSED';
    const latency = `latency ms p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)}`;
    console.log(
      `rate ${measure.rate}: ${measure.framesPerSecond} frames/s, CPU ${measure.cpuUsPerFrame.toFixed(2)} us/frame ` +
        `(bar ${MAX_CPU_US_PER_FRAME.toFixed(2)}: ${bar}), generator ${measure.generatorCpuUsPerFrame?.toFixed(2)} us/frame` +
        (measure.rate === 'max' ? '' : `; ${latency}`),
    );
  }
}
