import type { IngestReport } from '../../../functions/ingest/ingest-report.ts';
import { type LiveIngest, startLiveIngest } from '../../../functions/ingest/live-ingest.ts';
import { MemoryStreamSource } from '../../../functions/ingest/memory-stream-source.ts';
import { settingsOrUsage } from '../../../infra/local/cli/command-settings.ts';
import {
  type EventSourceMapping,
  startEventSourceMapping,
} from '../../../infra/local/event-source-mapping/event-source-mapping.ts';
import { openMemoryLog } from '../../../infra/local/log/memory-log.ts';
import { SimulatedMarket } from '../../../infra/local/market/simulated-market.ts';
import type { KafkaHandler } from '../../../shared/log/kafka-event.ts';
import type { Log, LogProducer, OutgoingRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { MAPPINGS, type MappingSpec, mappingGroupId } from '../../../shared/mappings.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { coldHandler } from './cold-handler.ts';
import { faultyProducer, faultyState, notingProducer, rebalancingLog } from './faulty-ports.ts';
import { PortFaults } from './port-faults.ts';
import { pressedQueues } from './pressed-queues.ts';
import type { QuoteLine } from './quote-lines.ts';
import type { IngestEvent, Scenario } from './scenario.ts';
import { SimExchange } from './sim-exchange.ts';
import { SimProcess } from './sim-process.ts';
import { SimRandom } from './sim-random.ts';
import type { SimRequest } from './sim-rest.ts';

/** A record as a process handed it over for the raw log, whether or not it came there at once. */
export interface HandedRecord {
  readonly process: number;
  readonly atUs: Micros;
  readonly record: OutgoingRecord;
}

/** When a process began, was told to stop, and was gone. */
export interface ProcessLife {
  readonly beganUs: Micros;
  stopUs: Micros;
  goneUs: Micros;
}

/** What a simulation leaves behind. */
export interface SimulationResult {
  readonly scenario: Scenario;
  readonly market: SimulatedMarket;
  readonly log: Log;
  readonly rows: MemoryRowStore;
  /** The candles as they stood when the exchange sent its last frame, before the feed was told as ended. */
  readonly whileLive: readonly Row[];
  readonly reports: readonly IngestReport[];
  readonly errors: readonly unknown[];
  readonly faults: ReadonlyMap<string, number>;
  /** What the processes asked of REST, in order. */
  readonly requests: readonly SimRequest[];
  /** Ids that were asked for and were too old to be given. */
  readonly gone: ReadonlyMap<MarketSymbol, ReadonlySet<number>>;
  /** Rows that the store refused. */
  readonly refusedRows: readonly Row[];
  /** What each process handed to the topic of raw trades, in order, each record once. */
  readonly handed: readonly HandedRecord[];
  /** The lives of the processes, by their numbers. */
  readonly lives: ReadonlyMap<number, ProcessLife>;
  /** When the exchange sent its last frame, in its own time. */
  readonly lastUs: number;
  /** What became of every quotes socket, as the exchange saw it. */
  readonly quoteLines: readonly QuoteLine[];
  /** What the clock of the epochs said. */
  readonly epochMs: number;
}

const topics = DEFAULT_TOPIC_NAMES;
/** The host that may refuse repair by id: only then are aggregates asked for elsewhere. */
const DEFAULT_REST_URL = 'https://api.binance.com';
/** Time that is simulated beyond the end of the feed, so that everything is processed. */
const AFTERMATH_MS = 60_000;
const FUNCTION_TIMEOUT_MS = 1_500;

interface Ingestor {
  readonly process: SimProcess;
  readonly task: string;
  /** Counted over the simulation. */
  readonly number: number;
  live: LiveIngest | undefined;
}

/** Runs the whole pipeline through a scenario, on a clock of its own. */
export async function simulate(scenario: Scenario): Promise<SimulationResult> {
  const simulation = new Simulation(scenario);
  return simulation.run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #clock: VirtualClock;
  readonly #market: SimulatedMarket;
  readonly #exchange: SimExchange;
  readonly #log: Log;
  readonly #groupLog: Log;
  readonly #rows = new MemoryRowStore();
  readonly #state: StateStore;
  readonly #faults: PortFaults;
  readonly #random: SimRandom;
  readonly #reports: IngestReport[] = [];
  readonly #errors: unknown[] = [];
  readonly #refusedRows: Row[] = [];
  readonly #handed: HandedRecord[] = [];
  readonly #lives = new Map<number, ProcessLife>();
  readonly #handlers = new Map<MappingSpec['functionName'], KafkaHandler>();
  readonly #ingestors: Ingestor[] = [];
  #mappings: EventSourceMapping[] = [];
  #tasks = 0;
  #whileLive: readonly Row[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { seed, symbols, streams, startUs } = scenario;
    this.#clock = new VirtualClock(startUs);
    this.#market = new SimulatedMarket(seed, symbols);
    this.#exchange = new SimExchange({
      ...scenario,
      market: this.#market,
      clock: this.#clock,
      streams: symbols.flatMap((symbol) => streams.map((type) => `${symbol.toLowerCase()}@${type}`)),
      refusingHost: scenario.byAggregates ? new URL(DEFAULT_REST_URL).host : undefined,
    });
    const active = (): boolean => this.#exchange.faulty;
    this.#random = new SimRandom(seed, 2);
    this.#faults = new PortFaults(this.#clock, new SimRandom(seed, 3), scenario.portRates, active);
    this.#log = openMemoryLog({ clock: this.#clock });
    this.#groupLog = rebalancingLog(this.#log, new SimRandom(seed, 4), active, scenario.groupRates);
    this.#state = faultyState(new MemoryStateStore(), this.#faults);
  }

  async run(): Promise<SimulationResult> {
    const { calmAtMs, endAtMs, ingestEvents, mappingRestartsMs, startUs } = this.#scenario;
    await this.#log.ensureTopics(
      topicSpecs(topics).map((spec) => ({ ...spec, partitions: Math.min(spec.partitions, 2) })),
    );
    await this.#startMappings();
    this.#startIngest();
    for (const event of ingestEvents) this.#clock.after(event.atMs, () => this.#happen(event));
    for (const atMs of mappingRestartsMs) this.#clock.after(atMs, () => void this.#restartMappings());
    this.#clock.after(calmAtMs + 1, () => this.#calm());
    this.#clock.after(endAtMs, () => this.#end());
    // What was lost of the groups' commits comes again to new members.
    this.#clock.after(endAtMs + 10_000, () => void this.#restartMappings());
    await this.#live(startUs + (endAtMs + AFTERMATH_MS) * 1_000);
    for (const mapping of this.#mappings) void mapping.stop();
    await this.#quiet();
    return {
      scenario: this.#scenario,
      market: this.#market,
      log: this.#log,
      rows: this.#rows,
      whileLive: this.#whileLive,
      reports: this.#reports,
      errors: [...this.#errors, ...this.#exchange.neglected],
      faults: new Map([...this.#faults.counts, ...this.#exchange.counts]),
      requests: this.#exchange.rest.requests,
      gone: this.#exchange.rest.gone,
      refusedRows: this.#refusedRows,
      handed: this.#handed,
      lives: this.#lives,
      lastUs: startUs + endAtMs * 1_000,
      quoteLines: this.#exchange.quoteLines.all,
      epochMs: startUs / 1_000,
    };
  }

  async #live(untilUs: number): Promise<void> {
    await this.#quiet();
    while (this.#clock.runNext(untilUs)) await this.#quiet();
  }

  /** Waits until nothing moves any more at this moment of the clock. */
  async #quiet(): Promise<void> {
    for (;;) {
      const before = this.#faults.calls + this.#exchange.calls;
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#faults.calls + this.#exchange.calls === before) return;
    }
  }

  #handler(name: MappingSpec['functionName']): KafkaHandler {
    return async (event, context) => {
      try {
        return await (this.#handlers.get(name) ?? this.#coldStart(name))(event, context);
      } catch (error) {
        // Half of the failures take the warm function with them.
        if (this.#random.chance(0.5)) this.#coldStart(name);
        throw error;
      }
    };
  }

  #coldStart(name: MappingSpec['functionName']): KafkaHandler {
    const handler = coldHandler(name, {
      clock: this.#clock,
      log: this.#log,
      rows: this.#rows,
      state: this.#state,
      faults: this.#faults,
      rowFaults: {
        share: this.#scenario.refusedRowShare,
        refused: this.#refusedRows,
        more: this.#scenario.moreRowFaults,
      },
    });
    this.#handlers.set(name, handler);
    return handler;
  }

  async #startMappings(): Promise<void> {
    for (const mapping of MAPPINGS) {
      this.#mappings.push(
        await startEventSourceMapping({
          log: this.#groupLog,
          clock: this.#clock,
          topic: topics[mapping.topic],
          groupId: mappingGroupId(mapping),
          functionName: mapping.functionName,
          handler: this.#handler(mapping.functionName),
          settings: {
            ...mapping.settings,
            batchSize: this.#exchange.faulty ? this.#scenario.batchSize : 500,
            functionTimeoutMs: FUNCTION_TIMEOUT_MS,
          },
          ...(mapping.onFailure !== null && { onFailureTopic: topics[mapping.onFailure] }),
          onError: () => {},
          onFatal: (error) => this.#errors.push(error),
        }),
      );
    }
  }

  async #restartMappings(): Promise<void> {
    const old = this.#mappings;
    this.#mappings = [];
    for (const mapping of old) await mapping.stop();
    await this.#startMappings();
  }

  #startIngest(): void {
    const { symbols, gapWaitMs, pauseAbove } = this.#scenario;
    const process = new SimProcess(this.#clock);
    this.#tasks += 1;
    const number = this.#tasks;
    const task = this.#scenario.isOneTask ? 'ingest' : `task-${number}`;
    const ingestor: Ingestor = { process, task, number, live: undefined };
    this.#ingestors.push(ingestor);
    const life: ProcessLife = { beganUs: this.#clock.nowUs(), stopUs: Infinity, goneUs: Infinity };
    this.#lives.set(number, life);
    process.onKill(() => {
      life.goneUs = Math.min(life.goneUs, this.#clock.nowUs());
    });
    const settings = settingsOrUsage(
      {
        SYMBOLS: symbols.join(','),
        STREAMS: this.#scenario.streams.join(','),
        BINANCE_STREAM_URL: 'ws://streams.sim',
        BINANCE_REST_URL: this.#scenario.byAggregates ? DEFAULT_REST_URL : 'http://api.sim',
        INGEST_TASK: ingestor.task,
        GAP_WAIT_MS: String(gapWaitMs),
        MAX_RECONNECT_DELAY_S: '5',
        HEALTH_PORT: '0',
      },
      {},
    );
    startLiveIngest(settings, {
      log: process.log(this.#log, (producer) =>
        notingProducer(this.#stalled(process, faultyProducer('ingest', producer, this.#faults)), (records) =>
          this.#handOver(number, records),
        ),
      ),
      clock: process.clock,
      random: () => this.#random.next(),
      source: new MemoryStreamSource((connection) => this.#exchange.accept(process, connection)),
      fetch: process.fetch(this.#exchange.rest.fetchFor(number)),
      ...(pauseAbove !== undefined && { queues: pressedQueues(pauseAbove) }),
      report: (report) => this.#reports.push(report),
      serveHealth: async () => ({ port: 0, close: async () => {} }),
    }).then(
      (live) => {
        ingestor.live = live;
      },
      (error: unknown) => {
        if (process.alive) this.#errors.push(error);
      },
    );
  }

  /** While the log is stalled, what is sent waits; of a process that is killed meanwhile it never comes. */
  #stalled(process: SimProcess, producer: LogProducer): LogProducer {
    return {
      send: async (records) => {
        const [fromMs, toMs] = this.#scenario.logStallMs ?? [Infinity, Infinity];
        const sinceMs = (this.#clock.nowUs() - this.#scenario.startUs) / 1_000;
        if (sinceMs >= fromMs && sinceMs < toMs)
          await new Promise<void>((resolve) => {
            this.#clock.after(toMs - sinceMs, () => process.alive && resolve());
          });
        return producer.send(records);
      },
      close: () => producer.close(),
    };
  }

  #handOver(process: number, records: readonly OutgoingRecord[]): void {
    const atUs = this.#clock.nowUs();
    for (const record of records)
      if (record.topic === topics.rawTrades) this.#handed.push({ process, atUs, record });
  }

  #happen({ kind, ms }: IngestEvent): void {
    const current = this.#ingestors.at(-1);
    if (current === undefined) return;
    switch (kind) {
      case 'clock-step':
        current.process.clockErrorUs += ms * 1_000;
        return;
      case 'crash':
        for (const { process } of this.#ingestors.splice(0)) process.kill();
        this.#clock.after(ms, () => this.#startAgain());
        return;
      case 'restart':
        this.#stopAll();
        this.#clock.after(ms, () => this.#startAgain());
        return;
      case 'second': {
        const old = this.#ingestors.splice(0);
        this.#startIngest();
        this.#clock.after(ms, () => {
          for (const ingestor of old) this.#stop(ingestor);
        });
      }
    }
  }

  /** Starts an ingestor where none runs. */
  #startAgain(): void {
    if (this.#ingestors.length === 0) this.#startIngest();
  }

  #stopAll(): void {
    for (const ingestor of this.#ingestors.splice(0)) this.#stop(ingestor);
  }

  /** SIGTERM; a process that has not started yet, or does not end in 10 s, is killed. */
  #stop({ live, process, number }: Ingestor): void {
    const life = this.#lives.get(number);
    if (life !== undefined) life.stopUs = this.#clock.nowUs();
    if (live === undefined) {
      process.kill();
      return;
    }
    this.#clock.after(10_000, () => process.kill());
    live.stop().then(
      () => process.kill(),
      (error: unknown) => this.#errors.push(error),
    );
  }

  #calm(): void {
    // As the exchange does every 24 hours: what was lost without a trace shows after a reconnect at the latest.
    this.#exchange.cutAll();
    for (const ingestor of this.#ingestors.splice(0, this.#ingestors.length - 1)) this.#stop(ingestor);
    for (const { process } of this.#ingestors) process.clockErrorUs = 0;
    // Of two that watched at once each knows what it saw itself: the next start puts both together.
    const { ingestEvents, calmAtMs } = this.#scenario;
    if (!ingestEvents.some(({ kind, atMs }) => kind === 'second' && atMs < calmAtMs)) return;
    this.#stopAll();
    this.#clock.after(1_000, () => this.#startAgain());
  }

  #end(): void {
    this.#exchange.stop();
    this.#whileLive = this.#rows.table('candles');
    // What lies on the way arrives before the feed is told as ended.
    this.#clock.after(2_000, () => {
      const ingestor = this.#ingestors.at(-1);
      if (ingestor?.live === undefined) this.#errors.push(new Error('no ingestor runs at the end'));
      else ingestor.live.ingest.endFeed().catch((error: unknown) => this.#errors.push(error));
    });
  }
}

/** The symbols of a simulation's market, for those who check it. */
export function profileOf(market: SimulatedMarket, symbol: MarketSymbol) {
  const profile = market.find(symbol);
  if (profile === undefined) throw new Error(`${symbol} is not traded`);
  return profile;
}
