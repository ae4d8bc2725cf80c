import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startIngest } from '../../functions/ingest/ingest.ts';
import { liveConfig } from '../../functions/ingest/ingest-config.ts';
import { IngestMetrics } from '../../functions/ingest/ingest-metrics.ts';
import { MemoryStreamSource } from '../../functions/ingest/memory-stream-source.ts';
import type { StateChange } from '../../infra/local/cloudwatch/alarm-message.ts';
import { openMemoryLog } from '../../infra/local/log/memory-log.ts';
import { type Pipeline, startPipeline } from '../../infra/local/pipeline/start-pipeline.ts';
import { topicSpecs } from '../../shared/log/topics.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { topicNames } from '../../shared/settings/settings.ts';
import { fastClock } from './fast-clock.ts';
import { type RejectingStore, startRejectingStore } from './rejecting-store.ts';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

const SYMBOL = 'BTCUSDT';

/** The whole pipeline with ingest in front, its alarms on, a webhook receiver and a store that can be told to refuse. */
export interface MonitoredMarket {
  readonly slack: WebhookReceiver;
  readonly store: RejectingStore;
  readonly pipeline: Pipeline;
  readonly changes: readonly StateChange[];
  readonly errors: readonly string[];
  /** Sends the next trade of the market over the socket; `skip` leaves so many ids out before it. */
  trade(options?: { readonly price?: string; readonly quantity?: string; readonly skip?: number }): void;
  /** Sends a trade every so often (of the market's time) until told otherwise. */
  flow(everyMs: number | null): void;
  /** Appends bytes to the raw trades topic as another producer might. */
  poison(count: number): Promise<void>;
  /** Resolves when the alarm has entered the state after `from` changes. */
  state(alarm: string, state: StateChange['to'], from?: number): Promise<void>;
  /** Resolves when a post holds the text. */
  posted(text: string): Promise<void>;
  close(): Promise<void>;
}

/** How long a condition may take on the wall clock. */
const DEADLINE_MS = 60_000;

export async function startMonitoredMarket(speed: number): Promise<MonitoredMarket> {
  const clock = fastClock(speed);
  const dir = await mkdtemp(join(tmpdir(), 'monitored-'));
  const store = await startRejectingStore(join(dir, 'store'), () => clock.nowUs() / 1000);
  const slack = await startWebhookReceiver();
  const environment = {
    SYMBOLS: SYMBOL,
    SLACK_WEBHOOK_URL: slack.url,
    AWS_ENDPOINT_URL_TIMESTREAM_WRITE: store.url,
  };
  const read = readSettings(environment);
  if (read.kind === 'faults') throw new Error(read.faults.map((fault) => fault.message).join());
  const { settings } = read;
  const topics = topicNames(settings);
  const log = openMemoryLog({ clock });
  await log.ensureTopics(topicSpecs(topics));
  const changes: StateChange[] = [];
  const errors: string[] = [];
  const pipeline = await startPipeline({
    settings,
    dir,
    log,
    clock,
    onError: (source, error) => errors.push(`${source}: ${String(error)}`),
    alerting: {
      environment,
      onStateChange: (change) => changes.push(change),
      onNotifyLog: (_level, message, data) => errors.push(`${message} ${JSON.stringify(data)}`),
    },
  });
  const producer = await log.producer();
  const source = new MemoryStreamSource();
  let metrics: IngestMetrics | undefined;
  const ingest = await startIngest(
    liveConfig({
      symbols: [SYMBOL],
      streams: ['trade'],
      streamUrl: 'ws://127.0.0.1',
      microseconds: false,
      topics,
      reconnectDelayMs: 1000,
      maxReconnectDelayMs: 1000,
      gapWaitMs: 1000,
    }),
    { clock, random: () => 0, source, producer, report: (report) => metrics?.report(report) },
  );
  const port = {
    emit: (line: string) => pipeline.emitMetrics?.(line),
    nowMs: () => clock.nowUs() / 1000,
    symbols: [SYMBOL],
  };
  metrics = new IngestMetrics(ingest, { clock, port });
  const ingestMetrics = metrics;

  let tradeId = 1000;
  let flowing: NodeJS.Timeout | undefined;
  const trade: MonitoredMarket['trade'] = ({ price = '60000.00', quantity = '0.01', skip = 0 } = {}) => {
    tradeId += 1 + skip;
    const nowUs = clock.nowUs();
    const timeMs = Math.floor(nowUs / 1000);
    const data = { e: 'trade', E: timeMs, s: SYMBOL, t: tradeId, p: price, q: quantity, T: timeMs, m: false };
    const frame = JSON.stringify({ stream: 'btcusdt@trade', data: { ...data, M: true } });
    source.connections[0]?.deliver(Buffer.from(frame), nowUs);
  };
  return {
    slack,
    store,
    pipeline,
    changes,
    errors,
    trade,
    flow: (everyMs) => {
      clearInterval(flowing);
      flowing = everyMs === null ? undefined : setInterval(trade, everyMs / speed);
    },
    poison: async (count) => {
      const records = Array.from({ length: count }, (_, index) => ({
        topic: topics.rawTrades,
        key: SYMBOL,
        value: `poison ${index}`,
      }));
      await producer.send(records);
    },
    state: (alarm, state, from = 0) =>
      until(
        () => changes.slice(from).some((change) => change.alarm.name === alarm && change.to === state),
        () => `${alarm} is not ${state}: ${changes.map(({ alarm: { name }, to }) => `${name} ${to}`)}`,
      ),
    posted: (text) =>
      until(
        () => slack.posts.some((post) => post.body.includes(text)),
        () => `no post holds ${text}: ${slack.posts.map((post) => post.body)}`,
      ),
    close: async () => {
      clearInterval(flowing);
      ingestMetrics.stop();
      await ingest.stop();
      await pipeline.stop();
      await log.close();
      await slack.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Polls until the condition holds; fails after a minute with what `why` says. */
export async function until(holds: () => boolean, why: () => string): Promise<void> {
  const endMs = Date.now() + DEADLINE_MS;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(why());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
