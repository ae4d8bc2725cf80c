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
import type { Log } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { MAPPINGS, type MappingSpec, mappingGroupId } from '../../../shared/mappings.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { MemoryStateStore } from '../../../shared/state/memory-state-store.ts';
import type { StateStore } from '../../../shared/state/state-store.ts';
import type { MarketSymbol } from '../../../shared/units.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { coldHandler } from './cold-handler.ts';
import { faultyProducer, faultyState, rebalancingLog } from './faulty-ports.ts';
import { PortFaults } from './port-faults.ts';
import type { QuoteLine } from './quote-lines.ts';
import type { IngestEvent, Scenario } from './scenario.ts';
import { SimExchange } from './sim-exchange.ts';
import { SimProcess } from './sim-process.ts';
import { SimRandom } from './sim-random.ts';

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
  /** When the exchange sent its last frame, in its own time. */
  readonly lastUs: number;
  /** What became of every quotes socket, as the exchange saw it. */
  readonly quoteLines: readonly QuoteLine[];
  /** What the clock of the epochs said. */
  readonly epochMs: number;
}

const topics = DEFAULT_TOPIC_NAMES;
const STREAMS = ['trade', 'bookTicker', 'kline_1m'];
/** Time that is simulated beyond the end of the feed, so that everything is processed. */
const AFTERMATH_MS = 60_000;
const FUNCTION_TIMEOUT_MS = 1_500;

interface Ingestor {
  readonly process: SimProcess;
  readonly task: string;
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
  readonly #handlers = new Map<MappingSpec['functionName'], KafkaHandler>();
  readonly #ingestors: Ingestor[] = [];
  #mappings: EventSourceMapping[] = [];
  #tasks = 0;
  #whileLive: readonly Row[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { seed, symbols, startUs, schedule } = scenario;
    this.#clock = new VirtualClock(startUs);
    this.#market = new SimulatedMarket(seed, symbols);
    const byAggregates = scenario.byAggregates ? 'api.sim' : undefined;
    this.#exchange = new SimExchange({
      market: this.#market,
      clock: this.#clock,
      schedule,
      streams: symbols.flatMap((symbol) => STREAMS.map((type) => `${symbol.toLowerCase()}@${type}`)),
      refusingHost: byAggregates,
      restDownMs: scenario.restDownMs,
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
      errors: this.#errors,
      faults: this.#faults.counts,
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
    const { symbols, gapWaitMs } = this.#scenario;
    const process = new SimProcess(this.#clock);
    this.#tasks += 1;
    const ingestor: Ingestor = { process, task: `task-${this.#tasks}`, live: undefined };
    this.#ingestors.push(ingestor);
    const settings = settingsOrUsage(
      {
        SYMBOLS: symbols.join(','),
        STREAMS: STREAMS.join(','),
        BINANCE_STREAM_URL: 'ws://streams.sim',
        BINANCE_REST_URL: this.#scenario.byAggregates ? 'https://api.binance.com' : 'http://api.sim',
        INGEST_TASK: ingestor.task,
        GAP_WAIT_MS: String(gapWaitMs),
        MAX_RECONNECT_DELAY_S: '5',
        HEALTH_PORT: '0',
      },
      {},
    );
    startLiveIngest(settings, {
      log: process.log(this.#log, (producer) => faultyProducer('ingest', producer, this.#faults)),
      clock: process.clock,
      random: () => this.#random.next(),
      source: new MemoryStreamSource((connection) => this.#exchange.accept(process, connection)),
      fetch: process.fetch(this.#exchange.fetch),
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

  #happen({ kind, ms }: IngestEvent): void {
    const current = this.#ingestors.at(-1);
    if (current === undefined) return;
    switch (kind) {
      case 'clock-step':
        current.process.clockErrorUs += ms * 1_000;
        return;
      case 'crash':
        for (const { process } of this.#ingestors.splice(0)) process.kill();
        this.#clock.after(ms, () => this.#startIngest());
        return;
      case 'restart':
        this.#stopAll();
        this.#clock.after(ms, () => this.#startIngest());
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

  #stopAll(): void {
    for (const ingestor of this.#ingestors.splice(0)) this.#stop(ingestor);
  }

  /** SIGTERM; a process that has not started yet, or does not end in 10 s, is killed. */
  #stop({ live, process }: Ingestor): void {
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
