import type { ValidationRules } from '../../shared/binance/validation-rules.ts';
import type { Clock } from '../../shared/clock.ts';
import { encodeRawHeader, RAW_HEADER, type RawHeader } from '../../shared/events/raw-header.ts';
import type { Source } from '../../shared/events/source.ts';
import type { Feed, GapChange } from '../../shared/events/tick.ts';
import { encodeRawTick } from '../../shared/events/tick-json.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import { SymbolLedger } from '../../shared/ledger/symbol-ledger.ts';
import type { OutgoingRecord } from '../../shared/log/log.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { AppendedBefore, NewTick } from './appended-before.ts';
import type { FeedTime } from './feed-time.ts';
import type { LanePort, LaneStart, WaitLimits } from './lane-port.ts';
import { QuoteLane } from './quote-lane.ts';
import { type FrameFacts, readFrame } from './read-frame.ts';
import type { RecordQueue } from './record-queue.ts';
import { TradeLane } from './trade-lane.ts';
import type { RepairedRecord } from './trade-repair.ts';
import { unseenPart } from './unseen-part.ts';

/** What the intake needs beside frames. */
export interface IntakeOptions {
  readonly clock: Clock;
  readonly source: Exclude<Source, 'backfill'>;
  /** Begins the connection name of ticks. */
  readonly run: string;
  readonly rawTopics: Readonly<Record<Feed, string>>;
  readonly queues: Readonly<Record<Feed, RecordQueue>>;
  readonly waits: WaitLimits;
  /** Those that validate applies. */
  readonly rules: ValidationRules;
  readonly appendedBefore: AppendedBefore;
  /** The number of the first frame. */
  readonly firstFrame: number;
  /** Asks for missing ids; false where nothing can bring them. */
  readonly requestRepair: (gap: Gap) => boolean;
  readonly onGap: (symbol: MarketSymbol, change: GapChange) => void;
  readonly onIdsReset: (symbol: MarketSymbol) => void;
  readonly onIdDoubted: (symbol: MarketSymbol, id: number) => void;
  /** Watch sessions of some symbols were opened. */
  readonly onBegan: () => void;
}

/** What the intake counted since its start. */
export interface IntakeCounts {
  frames: number;
  readonly framesByFeed: Record<Feed, number>;
  trades: number;
  quotes: number;
  backfilled: number;
  ticks: number;
  gapsOpened: number;
  gapsFilled: number;
  gapsUnfillable: number;
  /** Frames without a symbol: dead letters to be. */
  unkeyed: number;
}

/** A socket as the intake sees it: its feed and the time that its group of streams has reached. */
export interface IntakeSocket {
  readonly feed: Feed;
  readonly time: FeedTime;
}

/**
 * The core of ingest: frames in, raw records out. It reads just enough of a frame to key it and to keep the
 * ledger; the bytes go to the log as they came.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #tradeLanes = new Map<MarketSymbol, TradeLane>();
  readonly #quoteLanes = new Map<MarketSymbol, QuoteLane>();
  readonly #ports: Record<Feed, LanePort>;
  readonly counts: IntakeCounts = {
    frames: 0,
    framesByFeed: { trades: 0, quotes: 0 },
    trades: 0,
    quotes: 0,
    backfilled: 0,
    ticks: 0,
    gapsOpened: 0,
    gapsFilled: 0,
    gapsUnfillable: 0,
    unkeyed: 0,
  };
  #nextFrame: number;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#nextFrame = options.firstFrame;
    this.#ports = { trades: this.#port('trades'), quotes: this.#port('quotes') };
  }

  get tradeLanes(): ReadonlyMap<MarketSymbol, TradeLane> {
    return this.#tradeLanes;
  }

  get quoteLanes(): ReadonlyMap<MarketSymbol, QuoteLane> {
    return this.#quoteLanes;
  }

  /** The number that the next frame gets. */
  get nextFrame(): number {
    return this.#nextFrame;
  }

  /**
   * Makes the lane of a symbol that is watched, so that it has ticks from the first frame of its socket on. `ledger`
   * and `start` are those of its trades: quotes of an earlier run are never gone on with.
   */
  watch(symbol: MarketSymbol, socket: IntakeSocket, ledger?: SymbolLedger, start: LaneStart = {}): void {
    const { clock, waits } = this.#options;
    const port = this.#ports[socket.feed];
    if (socket.feed === 'trades') {
      if (this.#tradeLanes.has(symbol)) return;
      const lane = new TradeLane(ledger ?? new SymbolLedger(symbol), socket.time, clock, waits, port, start);
      this.#tradeLanes.set(symbol, lane);
      lane.begin();
    } else {
      if (this.#quoteLanes.has(symbol)) return;
      const lane = new QuoteLane(symbol, socket.time, clock, port);
      this.#quoteLanes.set(symbol, lane);
      lane.begin();
    }
  }

  /**
   * Takes a frame of a socket. `symbol` is set only where the bytes do not name it: a REST record of a replay,
   * or null for an unreadable line. Says `shutdown` when the exchange announced the end of the connection.
   */
  accept(
    socket: IntakeSocket,
    connection: string,
    bytes: Buffer,
    receivedUs: Micros,
    symbol?: MarketSymbol | null,
  ): 'taken' | 'shutdown' {
    const header: RawHeader = {
      receivedUs,
      connection,
      source: this.#options.source,
      frame: this.#nextFrame,
    };
    const facts = symbol === null ? UNREADABLE : readFrame(bytes, header, this.#options.rules, symbol);
    if (facts.kind === 'shutdown') return 'shutdown';
    if (facts.kind === 'answer') return 'taken';
    this.#nextFrame += 1;
    this.counts.frames += 1;
    this.counts.framesByFeed[socket.feed] += 1;
    const record = this.#options.appendedBefore.frame(header.frame)
      ? null
      : this.#record(socket.feed, facts.symbol, bytes, header);
    if (facts.symbol === null) {
      this.counts.unkeyed += 1;
      if (record !== null) this.#options.queues[socket.feed].push(record);
    } else if (socket.feed === 'trades') this.#acceptTrade(socket, facts.symbol, facts, record);
    else this.#acceptQuote(socket, facts.symbol, receivedUs, record);
    return 'taken';
  }

  /** Takes one record that REST gave for missing ids; false where it could not be used. */
  acceptRepair(lane: TradeLane, given: RepairedRecord): boolean {
    const repaired = unseenPart(given, lane.ledger.ids, lane.fills);
    if (repaired === undefined) return false;
    const record = this.#options.appendedBefore.backfill(lane.symbol, repaired.from)
      ? null
      : this.#backfillRecord(lane.symbol, repaired.bytes);
    const { to, tradeTimeUs } = repaired;
    lane.repair({ tradeId: to, exchangeUs: tradeTimeUs, record }, repaired, tradeTimeUs);
    this.counts.backfilled += 1;
    return true;
  }

  /** Appends what REST gave beside trades (a kline), behind the trades of its symbol that wait. */
  acceptBackfill(symbol: MarketSymbol, bytes: Uint8Array): void {
    const record = this.#backfillRecord(symbol, bytes);
    const lane = this.#tradeLanes.get(symbol);
    if (lane === undefined) this.#options.queues.trades.push(record);
    else lane.offer({ tradeId: null, exchangeUs: null, record }, null);
  }

  #backfillRecord(symbol: MarketSymbol, bytes: Uint8Array): OutgoingRecord {
    return this.#record('trades', symbol, bytes, {
      receivedUs: this.#options.clock.nowUs(),
      connection: `${this.#options.run}rest`,
      source: 'backfill',
      frame: Math.max(0, this.#nextFrame - 1),
    });
  }

  /**
   * Called every whole second with the times of the sockets that are watched. A tick of quotes says that nothing came,
   * which only an open socket can know; one of trades repeats the exchange's time.
   */
  beat(watched: ReadonlySet<FeedTime>): void {
    const nowUs = this.#options.clock.nowUs();
    for (const lane of this.#tradeLanes.values()) lane.beat(nowUs);
    for (const time of watched) this.#tellLost(time, nowUs);
    for (const lane of this.#quoteLanes.values()) if (watched.has(lane.time)) lane.beat(nowUs);
  }

  /** The feed has ended: closes every watch session. */
  end(): void {
    for (const lane of this.#tradeLanes.values()) lane.end();
    for (const lane of this.#quoteLanes.values()) lane.end();
  }

  /** Opens the watch sessions that wait for the first time of these sockets. */
  begin(socket: IntakeSocket): void {
    const lanes = socket.feed === 'trades' ? this.#tradeLanes : this.#quoteLanes;
    for (const lane of lanes.values()) if (lane.time === socket.time) lane.begin();
    this.#options.onBegan();
  }

  #acceptTrade(
    socket: IntakeSocket,
    symbol: MarketSymbol,
    facts: Extract<FrameFacts, { kind: 'trade' | 'other' }>,
    record: OutgoingRecord | null,
  ): void {
    if (facts.exchangeUs !== null && socket.time.note(facts.exchangeUs)) this.begin(socket);
    if (!this.#tradeLanes.has(symbol)) this.watch(symbol, socket);
    const lane = this.#tradeLanes.get(symbol);
    if (facts.kind === 'trade') {
      this.counts.trades += 1;
      lane?.fills.note(facts.tradeId, facts.quantity);
      lane?.offer({ tradeId: facts.tradeId, exchangeUs: facts.exchangeUs, record }, facts.tradeTimeUs);
    } else {
      lane?.offer({ tradeId: null, exchangeUs: facts.exchangeUs, record }, null);
    }
  }

  #acceptQuote(
    socket: IntakeSocket,
    symbol: MarketSymbol,
    receivedUs: Micros,
    record: OutgoingRecord | null,
  ): void {
    this.counts.quotes += 1;
    if (socket.time.note(receivedUs)) this.begin(socket);
    this.#tellLost(socket.time, receivedUs);
    if (!this.#quoteLanes.has(symbol)) this.watch(symbol, socket);
    this.#quoteLanes.get(symbol)?.offer(record);
  }

  /** The quotes sockets of this time are watched again: tells since when they were not. */
  #tellLost(time: FeedTime, nowUs: Micros): void {
    const lostUs = time.takeLost();
    if (lostUs === null) return;
    for (const lane of this.#quoteLanes.values()) if (lane.time === time) lane.interrupted(lostUs, nowUs);
  }

  #record(
    feed: Feed,
    symbol: MarketSymbol | null,
    value: Uint8Array | string,
    header: RawHeader,
  ): OutgoingRecord {
    return {
      topic: this.#options.rawTopics[feed],
      key: symbol,
      value,
      headers: [[RAW_HEADER, encodeRawHeader(header)]],
    };
  }

  #port(feed: Feed): LanePort {
    const { queues, clock, source, run, appendedBefore } = this.#options;
    const queue = queues[feed];
    return {
      deliver: (record) => queue.push(record, feed === 'quotes'),
      tick: (content) => {
        const tick: NewTick = {
          kind: 'tick',
          gap: null,
          beganUs: null,
          endedUs: null,
          ...content,
          receivedUs: clock.nowUs(),
          source,
        };
        if (appendedBefore.tick(tick)) return;
        this.counts.ticks += 1;
        const frame = Math.max(0, this.#nextFrame - 1);
        const header: RawHeader = { receivedUs: tick.receivedUs, connection: `${run}tick`, source, frame };
        queue.push(this.#record(feed, tick.symbol, encodeRawTick(tick), header));
      },
      requestRepair: this.#options.requestRepair,
      gapChanged: (symbol, change) => {
        if (change.state === 'open') this.counts.gapsOpened += 1;
        else if (change.state === 'filled') this.counts.gapsFilled += 1;
        else this.counts.gapsUnfillable += 1;
        this.#options.onGap(symbol, change);
      },
      idsReset: this.#options.onIdsReset,
      idDoubted: this.#options.onIdDoubted,
    };
  }
}

const UNREADABLE: FrameFacts = { kind: 'other', symbol: null, exchangeUs: null };
