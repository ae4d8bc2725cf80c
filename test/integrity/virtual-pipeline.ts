import type { AggregateCounts } from '../../functions/aggregate/aggregate.ts';
import { aggregateOptions } from '../../functions/aggregate/aggregate-options.ts';
import { createAggregateHandler } from '../../functions/aggregate/handler.ts';
import type { IngestReport } from '../../functions/ingest/ingest-report.ts';
import { type LiveIngest, startLiveIngest } from '../../functions/ingest/live-ingest.ts';
import { MemoryStreamSource } from '../../functions/ingest/memory-stream-source.ts';
import { createValidateHandler } from '../../functions/validate/handler.ts';
import { EventBuilder } from '../../infra/local/event-source-mapping/event-builder.ts';
import { openMemoryLog } from '../../infra/local/log/memory-log.ts';
import { DEFAULT_VALIDATION_RULES } from '../../shared/binance/validation-rules.ts';
import type { KafkaHandler } from '../../shared/log/kafka-event.ts';
import type { Log, LogProducer, LogReader } from '../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../shared/log/topics.ts';
import { MemoryRowStore } from '../../shared/memory-row-store.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { MemoryStateStore } from '../../shared/state/memory-state-store.ts';
import type { StateStore } from '../../shared/state/state-store.ts';
import type { Micros } from '../../shared/units.ts';
import { VirtualClock } from '../../shared/virtual-clock.ts';
import type { MismatchRecord } from '../../shared/window/mismatch-record.ts';
import { plainRows } from '../functions/aggregate/aggregate-fixtures.ts';
import { INVOCATION } from '../functions/invocation.ts';
import { type VirtualMarket, weightOf } from './virtual-market.ts';

const TOPICS = DEFAULT_TOPIC_NAMES;
const STEP_US = 50_000;
const REST_TAKES_MS = 150;
const TURN = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How a virtual pipeline is run. */
export interface VirtualPipelineOptions {
  readonly startUs: Micros;
  readonly symbols: readonly string[];
  readonly streams: readonly string[];
  readonly market: (clock: VirtualClock) => VirtualMarket;
  /** Answers `historicalTrades` with HTTP 451. @default false */
  readonly aggregatesOnly?: boolean;
  /** Frames that the network loses. */
  readonly loses?: (stream: string, atUs: Micros, text: string) => boolean;
  /** How far the clock goes at once. @default 50 ms */
  readonly stepUs?: Micros;
  /** The state, where it is not the plain one in memory. */
  readonly store?: StateStore;
  /** A pipeline that was killed: its log, rows and state are taken up. */
  readonly after?: VirtualPipeline;
}

/** The whole pipeline on one virtual clock: ingest with sockets and REST in memory, the log, validate and aggregate. */
export class VirtualPipeline {
  readonly clock: VirtualClock;
  readonly log: Log;
  readonly rows: MemoryRowStore;
  readonly store: StateStore;
  readonly reports: IngestReport[] = [];
  readonly mismatches: MismatchRecord[] = [];
  readonly counts: AggregateCounts[] = [];
  /** The weight of the REST requests of each minute. */
  readonly weights = new Map<number, number>();
  /** When the sockets came back after {@link cut}, and when the last gap was filled since. */
  reopenedUs: Micros | undefined;
  repairedUs: Micros | undefined;
  readonly #options: VirtualPipelineOptions;
  readonly #market: VirtualMarket;
  readonly #source: MemoryStreamSource;
  readonly #next: Map<string, number>;
  readonly #builder = new EventBuilder({ arn: 'arn', bootstrapServers: 'b' });
  #live: LiveIngest | undefined;
  #reader: LogReader | undefined;
  #handlers: readonly (readonly [topic: string, handler: KafkaHandler])[] = [];
  #isCut = false;
  #playedUs: Micros;

  constructor(options: VirtualPipelineOptions) {
    this.#options = options;
    this.clock = new VirtualClock(options.startUs);
    const { after } = options;
    this.log = after?.log ?? openMemoryLog({ clock: this.clock });
    this.rows = after?.rows ?? new MemoryRowStore();
    this.store = after?.store ?? options.store ?? new MemoryStateStore();
    this.#next = after === undefined ? new Map() : after.#next;
    this.#market = options.market(this.clock);
    this.#playedUs = options.startUs;
    this.#source = new MemoryStreamSource((connection) => {
      if (this.#isCut) {
        connection.refuse({ code: 'UNREACHABLE', message: 'cut', canRetry: true });
        return;
      }
      connection.open();
      if (this.repairedUs === undefined) this.reopenedUs ??= this.clock.nowUs();
    });
  }

  get live(): LiveIngest {
    if (this.#live === undefined) throw new Error('start first');
    return this.#live;
  }

  async start(): Promise<void> {
    const read = readSettings({
      SYMBOLS: this.#options.symbols.join(),
      STREAMS: this.#options.streams.join(),
      BINANCE_STREAM_URL: 'ws://memory',
      BINANCE_REST_URL: 'http://memory',
      HEALTH_PORT: '0',
    });
    if (read.kind !== 'settings') throw new Error('settings');
    await this.log.ensureTopics(topicSpecs(TOPICS));
    const producer = await this.log.producer();
    this.#reader = await this.log.reader();
    this.#handlers = this.#functions(producer);
    const starting = startLiveIngest(read.settings, {
      log: this.log,
      clock: this.clock,
      random: () => 0.5,
      source: this.#source,
      fetch: (text) => this.#fetch(new URL(text)),
      report: (report) => this.reports.push(report),
      healthHost: '127.0.0.1',
    });
    let isStarted = false;
    const started = starting.then((live) => {
      this.#live = live;
      isStarted = true;
    });
    // The health endpoint is a real port; all else waits for the virtual clock.
    for (const deadline = Date.now() + 10_000; !isStarted && Date.now() < deadline; ) {
      this.clock.advance(10);
      await TURN();
    }
    await started;
    this.#playedUs = this.clock.nowUs();
    this.reopenedUs = undefined;
  }

  /** Plays the market up to a time. */
  async run(untilUs: Micros): Promise<void> {
    while (this.clock.nowUs() < untilUs) {
      const nextUs = Math.min(untilUs, this.clock.nowUs() + (this.#options.stepUs ?? STEP_US));
      this.clock.advanceTo(nextUs);
      for (const { stream, atUs, text } of this.#market.frames(this.#playedUs, nextUs)) {
        if (this.#isCut || this.#options.loses?.(stream, atUs, text)) continue;
        for (const connection of this.#source.connections)
          if (connection.state === 'open' && connection.request.streams.includes(stream))
            connection.deliver(Buffer.from(text), atUs);
      }
      this.#playedUs = nextUs;
      await TURN();
      await this.#pump();
      const isWhole = [...this.live.ingest.intake.tradeLanes.values()].every(
        (lane) => lane.ledger.gaps.length === 0 && lane.waiting === 0,
      );
      const filled = this.live.ingest.intake.counts.gapsFilled;
      if (this.reopenedUs !== undefined && filled > 0 && isWhole) this.repairedUs ??= this.clock.nowUs();
    }
  }

  /** Breaks every socket and keeps them broken until {@link mend}. */
  cut(): void {
    this.#isCut = true;
    for (const connection of [...this.#source.connections]) connection.end();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** The process dies: what it had not sent is lost, and nothing of it moves again. */
  async kill(): Promise<void> {
    await this.live.health.close();
  }

  /** Ends the feed: every window is final afterwards. */
  async end(): Promise<void> {
    await this.live.ingest.endFeed();
    for (let turn = 0; turn < 5; turn += 1) await this.#pump();
    const stopping = this.live.stop();
    let isStopped = false;
    stopping.finally(() => {
      isStopped = true;
    });
    for (const deadline = Date.now() + 10_000; !isStopped && Date.now() < deadline; ) {
      this.clock.advance(100);
      await TURN();
    }
    await stopping;
    await this.log.close();
  }

  /** The candles as plain objects. */
  candles(): readonly Readonly<Record<string, unknown>>[] {
    return plainRows(this.rows.table('candles'));
  }

  #functions(producer: LogProducer): readonly (readonly [string, KafkaHandler])[] {
    const nowMs = (): number => this.clock.nowUs() / 1_000;
    const validate = createValidateHandler(
      { producer, nowMs },
      { rules: DEFAULT_VALIDATION_RULES, topics: TOPICS },
    );
    const aggregate = createAggregateHandler(
      {
        store: this.store,
        rows: this.rows,
        producer,
        nowMs,
        onMismatch: (record) => this.mismatches.push(record),
      },
      aggregateOptions({ topics: TOPICS, watermarkDelayMs: 10_000, keepEvents: false }),
      (counts) => this.counts.push(counts),
    );
    return [
      [TOPICS.rawTrades, validate],
      [TOPICS.rawQuotes, validate],
      [TOPICS.trades, aggregate],
      [TOPICS.quotes, aggregate],
    ];
  }

  async #pump(): Promise<void> {
    for (const [topic, handler] of this.#handlers) {
      const partitions = (await this.#reader?.partitions(topic)) ?? 0;
      for (let partition = 0; partition < partitions; partition += 1) {
        const name = `${topic}-${partition}`;
        for (;;) {
          const offset = this.#next.get(name) ?? 0;
          const records = (await this.#reader?.read({ topic, partition, offset }, 2_000)) ?? [];
          if (records.length === 0) break;
          await handler(this.#builder.build(records), INVOCATION);
          this.#next.set(name, offset + records.length);
        }
      }
    }
  }

  async #fetch(url: URL): Promise<Response> {
    const minute = Math.floor(this.clock.nowUs() / 60_000_000);
    const used = (this.weights.get(minute) ?? 0) + weightOf(url);
    this.weights.set(minute, used);
    await new Promise<void>((resolve) => {
      this.clock.after(REST_TAKES_MS, resolve);
    });
    if (this.#isCut) throw new TypeError('fetch failed');
    const isRefused = this.#options.aggregatesOnly === true && url.pathname === '/api/v3/historicalTrades';
    const { status, body } = isRefused
      ? { status: 451, body: '{"code":0,"msg":"restricted location"}' }
      : this.#market.rest(url, this.clock.nowUs());
    return new Response(body, { status, headers: { 'x-mbx-used-weight-1m': String(used) } });
  }
}
