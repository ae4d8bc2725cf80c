import type { Clock, Timer } from '../../shared/clock.ts';
import type { Feed } from '../../shared/events/tick.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { SymbolLedger } from '../../shared/ledger/symbol-ledger.ts';
import type { LogProducer } from '../../shared/log/log.ts';
import { type MarketSymbol, type Micros, SECOND_US } from '../../shared/units.ts';
import { type AppendedBefore, NOTHING_APPENDED } from './appended-before.ts';
import { FeedTime } from './feed-time.ts';
import { GapFiller } from './gap-filler.ts';
import type { IngestConfig } from './ingest-config.ts';
import type { IngestReport } from './ingest-report.ts';
import { Intake, type IntakeSocket } from './intake.ts';
import type { LaneStart } from './lane-port.ts';
import { LedgerWriter } from './ledger-writer.ts';
import { planSockets, type SocketPlan } from './plan-sockets.ts';
import { QuietProbe } from './quiet-probe.ts';
import { RecordQueue } from './record-queue.ts';
import { SecondAsk } from './second-ask.ts';
import { SocketKeeper } from './socket-keeper.ts';
import type { StreamSource } from './stream-source.ts';
import { QUIET_US } from './trade-lane.ts';
import type { TradeRepair } from './trade-repair.ts';

/** What ingest runs on. */
export interface IngestDeps {
  readonly clock: Clock;
  /** From 0 to below 1, for the jitter. */
  readonly random: () => number;
  readonly source: StreamSource;
  readonly producer: LogProducer;
  /** Brings missing trades; without it a hole is told and given up. */
  readonly repair?: TradeRepair;
  /** The exchange's time over REST, for sockets that are alive and silent. */
  readonly exchangeTimeUs?: () => Promise<Micros | undefined>;
  /** What earlier runs have seen of trades, where their watch goes on or reaches back; by symbol. */
  readonly starts?: ReadonlyMap<MarketSymbol, SymbolStart>;
  /** Keeps the ledger in its topic; without it nothing is kept (replays). */
  readonly ledger?: { readonly task: string; readonly rawOffsets: readonly number[] };
  /** What the log holds of this feed already; for a resumed replay. */
  readonly appendedBefore?: AppendedBefore;
  readonly report?: (report: IngestReport) => void;
}

/** How the watch of a symbol's trades begins. */
export interface SymbolStart extends LaneStart {
  readonly ledger?: SymbolLedger;
}

/** One socket of the plan with what belongs to it. */
export interface KeptSocket extends IntakeSocket {
  readonly plan: SocketPlan;
  readonly keeper: SocketKeeper;
}

/** A running ingest. */
export interface IngestHandle {
  readonly intake: Intake;
  readonly sockets: readonly KeptSocket[];
  readonly queues: Readonly<Record<Feed, RecordQueue>>;
  readonly filler: GapFiller | undefined;
  /** Records that the log acknowledged. */
  readonly produced: number;
  /** Rejects when the log refuses for good; resolves after `stop`. */
  readonly done: Promise<void>;
  /** Resolves when no produce and no REST answer is pending; undefined where none is. For the replay's clock. */
  settled(): Promise<void> | undefined;
  /** Asks REST whether trades of a symbol passed that no socket brought, if none comes in the next seconds. */
  probe(symbol: MarketSymbol): void;
  /** Sends all that waits for company and resolves when it is in the log. */
  flush(): Promise<void>;
  /** The feed has ended: closes the watch sessions and sends everything. */
  endFeed(): Promise<void>;
  /** SIGTERM: closes the sockets and drains. What waits behind a gap goes; the watch session stays open. */
  stop(): Promise<void>;
}

/** Starts the core of ingest: the same for Fargate, the local run and a replay; only `deps` differ. */
export async function startIngest(config: IngestConfig, deps: IngestDeps): Promise<IngestHandle> {
  const { clock, producer, report = () => {} } = deps;
  let produced = 0;
  let failure: { readonly error: unknown } | undefined;
  const { promise: done, resolve: finish, reject: fail } = Promise.withResolvers<void>();
  done.catch(() => {});

  const queue = (feed: Feed): RecordQueue =>
    new RecordQueue(producer, clock, config.queues[feed], {
      onPressure: (full) => {
        report({ kind: 'pressure', feed, full });
        for (const { keeper } of sockets.filter((socket) => socket.feed === feed))
          if (full) keeper.pause();
          else keeper.resume();
      },
      onAppended: (ranges, records) => {
        produced += records;
        if (feed === 'trades') ledgerWriter?.appended(ranges);
      },
      onFailure: (error) => {
        failure ??= { error };
        report({ kind: 'log-failed', error });
        fail(error);
      },
    });
  const queues = { trades: queue('trades'), quotes: queue('quotes') };

  const filler =
    deps.repair === undefined
      ? undefined
      : new GapFiller(deps.repair, clock, {
          onPage: (gap, page) => {
            const lane = intake.tradeLanes.get(gap.symbol);
            for (const record of page.records) {
              if (record.from > gap.to) break;
              if (lane !== undefined) intake.acceptRepair(lane, record);
            }
            lane?.tellShrunk();
          },
          onGone: (gap, why) => {
            if (secondAsk?.has(gap) || probe?.settle(gap)) return;
            report({ kind: 'repair-gone', symbol: gap.symbol, why });
            intake.tradeLanes.get(gap.symbol)?.giveUp(gap);
          },
          onLater: (gap, afterMs, why) => report({ kind: 'repair-later', symbol: gap.symbol, why, afterMs }),
        });

  const probe = filler && new QuietProbe(clock, filler);
  const secondAsk = filler && new SecondAsk(clock, filler);
  const intake = new Intake({
    clock,
    source: config.source,
    run: config.run,
    rawTopics: { trades: config.topics.rawTrades, quotes: config.topics.rawQuotes },
    queues,
    waits: config.waits,
    rules: config.rules,
    appendedBefore: deps.appendedBefore ?? NOTHING_APPENDED,
    firstFrame: config.firstFrame,
    requestRepair: (gap: Gap) => {
      filler?.add(gap);
      return filler !== undefined;
    },
    onGap: (symbol, change) => report({ kind: 'gap', symbol, change }),
    onIdsReset: (symbol) => {
      filler?.forget(symbol);
      report({ kind: 'ids-reset', symbol });
    },
    onIdDoubted: (symbol, id) => {
      report({ kind: 'id-doubted', symbol, id });
      probeSymbol(symbol);
    },
    onBegan: () => ledgerWriter?.soon(),
  });

  function probeSymbol(symbol: MarketSymbol): void {
    const lane = intake.tradeLanes.get(symbol);
    if (lane !== undefined) probe?.afterOutage([lane]);
  }
  const keep = (plan: SocketPlan): KeptSocket => {
    const time = new FeedTime();
    const intakeSocket = { feed: plan.feed, time };
    let asking = false;
    let askedUs = 0;
    const keeper = new SocketKeeper({
      plan,
      source: deps.source,
      clock,
      random: deps.random,
      limits: config.sockets,
      run: config.run,
      events: {
        onFrame: (connection, bytes, receivedUs, symbol) =>
          intake.accept(intakeSocket, connection, bytes, receivedUs, symbol),
        onOpen: (connection, afterOutage) => {
          report({ kind: 'socket-open', connection, streams: plan.streams.length });
          // What trades lost is found again by id; what quotes lost can only be told.
          if (afterOutage && plan.feed === 'quotes') time.lose();
          else if (afterOutage)
            probe?.afterOutage([...intake.tradeLanes.values()].filter((lane) => lane.time === time));
        },
        onClose: (connection, why, retryMs) => report({ kind: 'socket-closed', connection, why, retryMs }),
        onSilent: () => {
          if (asking || plan.feed !== 'trades' || deps.exchangeTimeUs === undefined) return;
          if (clock.nowUs() - askedUs < QUIET_US) return;
          askedUs = clock.nowUs();
          asking = true;
          deps
            .exchangeTimeUs()
            .then((timeUs) => {
              if (timeUs !== undefined && time.note(timeUs)) intake.begin(intakeSocket);
            })
            // It is asked again while the socket is silent; until then its ticks repeat the last time.
            .catch(() => {})
            .finally(() => {
              asking = false;
            });
        },
      },
    });
    return { plan, keeper, ...intakeSocket };
  };
  const sockets = planSockets(config, config.socketLimits).map(keep);
  // A replay learns from its lines which symbols have trades; a live feed knows what it asked for.
  if (config.source === 'live')
    for (const socket of sockets)
      for (const symbol of socket.plan.symbols) {
        const { ledger, ...start } = deps.starts?.get(symbol) ?? {};
        intake.watch(symbol, socket, ledger, start);
      }
  secondAsk?.start(intake.tradeLanes.values());
  for (const lane of intake.tradeLanes.values()) lane.resume();
  const ledgerWriter =
    deps.ledger === undefined
      ? undefined
      : new LedgerWriter({
          clock,
          producer,
          topic: config.topics.ledger,
          lanes: intake.tradeLanes,
          trades: queues.trades,
          ...deps.ledger,
          onFailure: (error) => report({ kind: 'ledger-failed', error }),
        });

  let beating: Timer | undefined;
  const beat = (): void => {
    intake.beat(new Set(sockets.filter(({ keeper }) => keeper.isWatching).map(({ time }) => time)));
    for (const { keeper } of sockets) keeper.check();
    planBeat();
  };
  // On whole seconds, so that a resumed replay beats when the undisturbed one would.
  const planBeat = (): void => {
    beating = clock.after((SECOND_US - (clock.nowUs() % SECOND_US)) / 1_000, beat);
  };
  planBeat();
  // Before any frame: a task that is killed early leaves where its watch was to begin.
  await ledgerWriter?.write().catch((error: unknown) => report({ kind: 'ledger-failed', error }));
  for (const { keeper } of sockets) keeper.start();

  const flush = async (): Promise<void> => {
    await Promise.all([queues.trades.flush(), queues.quotes.flush()]);
    if (failure !== undefined) throw failure.error;
  };
  const close = (): void => {
    beating?.cancel();
    filler?.stop();
    probe?.stop();
    secondAsk?.stop();
    ledgerWriter?.stop();
    for (const { keeper } of sockets) keeper.stop();
  };
  return {
    intake,
    sockets,
    queues,
    filler,
    done,
    get produced() {
      return produced;
    },
    settled: () => {
      if (failure !== undefined) return Promise.reject(failure.error);
      const pending = queues.trades.sending ?? queues.quotes.sending;
      if (pending !== undefined) return pending;
      return filler !== undefined && filler.inFlight > 0 ? filler.idle() : undefined;
    },
    probe: probeSymbol,
    flush,
    endFeed: async () => {
      close();
      // Everything but the end first, so that no session is told as closed before all of its frames are there.
      for (const lane of intake.tradeLanes.values()) lane.giveUpAll();
      await flush();
      intake.end();
      await flush();
      finish();
    },
    stop: async () => {
      close();
      // A replay leaves what waits out of the log: the next start decides about it again, with all the lines.
      if (config.source === 'live') for (const lane of intake.tradeLanes.values()) lane.release();
      await flush();
      // The next start reads the raw log where the ledger is old.
      await ledgerWriter?.write().catch((error: unknown) => report({ kind: 'ledger-failed', error }));
      finish();
    },
  };
}
