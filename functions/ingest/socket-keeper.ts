import type { Clock, Timer } from '../../shared/clock.ts';
import type { MarketSymbol, Micros, Millis } from '../../shared/units.ts';
import { type BackoffLimits, backoffMs } from './backoff.ts';
import type { Refusal } from './explain-refusal.ts';
import type { SocketPlan } from './plan-sockets.ts';
import type { StreamClose, StreamListener, StreamSocket, StreamSource } from './stream-source.ts';

/** When a socket is doubted, replaced or given up. */
export interface KeeperLimits extends BackoffLimits {
  /** A planned replacement after this long, before the exchange cuts at 24 h; null: never (replays). @default 84,600,000 */
  readonly rotateAfterMs: Millis | null;
  /** Silent for this long: it is pinged. @default 10,000 */
  readonly pingAfterMs: Millis;
  /** A ping unanswered for this long: it is replaced. @default 10,000 */
  readonly deadAfterMs: Millis;
  /** Answers pings and is silent for this long: the exchange's time is asked for over REST. @default 30,000 */
  readonly silentAfterMs: Millis;
  /** Paused for this long: it is closed, and what it would have brought is repaired by id. @default 30,000 */
  readonly pausedMaxMs: Millis;
  /** A new socket that is open and quiet for this long takes over anyway. @default 5,000 */
  readonly handoverMs: Millis;
}

/** What the keeper tells. */
export interface KeeperEvents {
  onFrame(
    connection: string,
    bytes: Buffer,
    receivedUs: Micros,
    symbol?: MarketSymbol | null,
  ): 'taken' | 'shutdown';
  /** `afterOutage`: no other socket of this plan was open, or it had fallen dead, so frames may have passed. */
  onOpen(connection: string, afterOutage: boolean): void;
  onClose(connection: string, why: string, retryMs: Millis | null): void;
  /** It answers pings and brings nothing. */
  onSilent(): void;
}

interface Connection {
  readonly name: string;
  socket: StreamSocket | undefined;
  openedUs: Micros | null;
  lastFrameUs: Micros | null;
  pingedUs: Micros | null;
  pongUs: Micros | null;
}

/**
 * Keeps the streams of one plan flowing: connects, backs off, watches for silence, and replaces the socket
 * without a hole: the new one delivers before the old one is closed, and ids make the overlap harmless.
 */
export class SocketKeeper {
  readonly plan: SocketPlan;
  readonly #source: StreamSource;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #limits: KeeperLimits;
  readonly #events: KeeperEvents;
  readonly #run: string;
  #current: Connection | undefined;
  #next: Connection | undefined;
  #retry: Timer | undefined;
  #generation = 0;
  #attempt = 0;
  #pausedUs: Micros | null = null;
  #stopped = false;
  #rotateAtUs = Number.POSITIVE_INFINITY;
  /** Connections that were lost or refused. */
  reconnects = 0;
  /** Whether it has been open since the start, now or before. */
  hasOpened = false;
  lastRefusal: Refusal | null = null;

  constructor(options: {
    readonly plan: SocketPlan;
    readonly source: StreamSource;
    readonly clock: Clock;
    /** From 0 to below 1. */
    readonly random: () => number;
    readonly limits: KeeperLimits;
    readonly events: KeeperEvents;
    /** Begins the names of its connections. */
    readonly run: string;
  }) {
    this.plan = options.plan;
    this.#source = options.source;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#limits = options.limits;
    this.#events = options.events;
    this.#run = options.run;
  }

  /** Whether a socket is open. */
  get isOpen(): boolean {
    return this.#current !== undefined && this.#current.openedUs !== null;
  }

  /** Whether what the exchange sends arrives, as far as is known: a socket is open and owes no answer to a ping. */
  get isWatching(): boolean {
    return this.isOpen && this.#current?.pingedUs === null;
  }

  get connection(): string | null {
    return this.#current?.name ?? null;
  }

  /** When the socket opened; null while none is open. */
  get openedUs(): Micros | null {
    return this.#current?.openedUs ?? null;
  }

  /** When the last frame came; null before the first of this connection. */
  get lastFrameUs(): Micros | null {
    return this.#current?.lastFrameUs ?? null;
  }

  /** Silent, but alive: the last ping was answered. */
  get isQuiet(): boolean {
    const current = this.#current;
    if (current?.openedUs == null) return false;
    const nowUs = this.#clock.nowUs();
    return nowUs - (current.lastFrameUs ?? current.openedUs) >= this.#limits.pingAfterMs * 1_000;
  }

  start(): void {
    this.#current = this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#current?.socket?.close();
    this.#next?.socket?.close();
  }

  /** Holds the sender back: the log is slow. */
  pause(): void {
    this.#pausedUs ??= this.#clock.nowUs();
    this.#current?.socket?.pause();
    this.#next?.socket?.pause();
  }

  resume(): void {
    this.#pausedUs = null;
    this.#current?.socket?.resume();
    this.#next?.socket?.resume();
    if (this.#current === undefined && this.#retry === undefined && !this.#stopped) this.start();
  }

  /** Opens a new socket beside the old one; the old one goes when the new one delivers. */
  rotate(): void {
    if (this.#stopped || this.#next !== undefined) return;
    if (this.#current === undefined) return;
    this.#next = this.#connect();
  }

  /** Called every whole second: looks for silence, age and a pause that lasts too long. */
  check(): void {
    const nowUs = this.#clock.nowUs();
    if (this.#pausedUs !== null) {
      if (nowUs - this.#pausedUs >= this.#limits.pausedMaxMs * 1_000) this.#dropPaused();
      return;
    }
    const next = this.#next;
    if (next?.openedUs != null && nowUs - next.openedUs >= this.#limits.handoverMs * 1_000) this.#handOver();
    const current = this.#current;
    if (current?.openedUs == null) return;
    if (nowUs >= this.#rotateAtUs) this.rotate();
    const silentUs = nowUs - (current.lastFrameUs ?? current.openedUs);
    if (current.pingedUs !== null) {
      if (nowUs - current.pingedUs >= this.#limits.deadAfterMs * 1_000) this.rotate();
    } else if (silentUs >= this.#limits.pingAfterMs * 1_000) {
      const sincePongUs = nowUs - (current.pongUs ?? 0);
      if (sincePongUs >= this.#limits.pingAfterMs * 1_000) {
        current.pingedUs = nowUs;
        current.socket?.ping();
      }
      if (silentUs >= this.#limits.silentAfterMs * 1_000 && current.pongUs !== null) this.#events.onSilent();
    }
  }

  #connect(): Connection {
    this.#generation += 1;
    const connection: Connection = {
      name: `${this.#run}${this.plan.name}-${this.#generation}`,
      socket: undefined,
      openedUs: null,
      lastFrameUs: null,
      pingedUs: null,
      pongUs: null,
    };
    const { url, streams } = this.plan;
    const request = { url, streams, connection: connection.name };
    connection.socket = this.#source.connect(request, this.#listener(connection));
    if (this.#pausedUs !== null) connection.socket.pause();
    return connection;
  }

  #listener(connection: Connection): StreamListener {
    return {
      onOpen: () => {
        connection.openedUs = this.#clock.nowUs();
        this.hasOpened = true;
        this.lastRefusal = null;
        this.#planRotation();
        // A socket that no longer answers may have been dead for a while: what it lost is asked for, too.
        const afterOutage = connection === this.#current || this.#current?.pingedUs != null;
        this.#events.onOpen(connection.name, afterOutage);
      },
      onFrame: (bytes, receivedUs, symbol) => {
        // Until the far end has answered the close, frames still come; the next start asks for their ids.
        if (this.#stopped) return;
        const isFirst = connection.lastFrameUs === null;
        connection.lastFrameUs = receivedUs;
        connection.pingedUs = null;
        const outcome = this.#events.onFrame(connection.name, bytes, receivedUs, symbol);
        if (isFirst) {
          this.#attempt = 0;
          if (connection === this.#next) this.#handOver();
        }
        if (outcome === 'shutdown' && connection === this.#current) this.rotate();
      },
      onPong: () => {
        connection.pingedUs = null;
        connection.pongUs = this.#clock.nowUs();
      },
      onClose: (why) => this.#closed(connection, why),
    };
  }

  /** Ten minutes of chance, so that the sockets of a task do not all turn over at once. */
  #planRotation(): void {
    const { rotateAfterMs } = this.#limits;
    if (rotateAfterMs === null) return;
    const earlierMs = Math.min(600_000, rotateAfterMs / 4) * this.#random();
    this.#rotateAtUs = this.#clock.nowUs() + Math.round((rotateAfterMs - earlierMs) * 1_000);
  }

  #handOver(): void {
    const old = this.#current;
    this.#current = this.#next;
    this.#next = undefined;
    old?.socket?.close();
  }

  #dropPaused(): void {
    const old = this.#current;
    const next = this.#next;
    this.#current = undefined;
    this.#next = undefined;
    old?.socket?.close();
    next?.socket?.close();
  }

  #closed(connection: Connection, why: StreamClose): void {
    if (why.kind === 'refused') this.lastRefusal = why.refusal;
    const said =
      why.kind === 'refused' ? why.refusal.message : `closed (${why.code}${why.reason && `, ${why.reason}`})`;
    const wasCurrent = connection === this.#current;
    const wasNext = connection === this.#next;
    if (this.#stopped || !(wasCurrent || wasNext)) {
      this.#events.onClose(connection.name, said, null);
      return;
    }
    this.reconnects += 1;
    if (wasCurrent) {
      this.#current = this.#next;
    }
    this.#next = undefined;
    // With the other socket still there, a failed replacement is tried again at the next reason for one.
    if (this.#current !== undefined) {
      if (wasNext) this.#rotateAtUs = Math.max(this.#rotateAtUs, this.#clock.nowUs() + 60_000_000);
      this.#events.onClose(connection.name, said, null);
      return;
    }
    const isFinal = why.kind === 'refused' && !why.refusal.canRetry;
    const delayMs = isFinal ? this.#limits.maxMs : backoffMs(this.#attempt, this.#limits, this.#random);
    this.#attempt += 1;
    this.#events.onClose(connection.name, said, delayMs);
    this.#retry = this.#clock.after(delayMs, () => {
      this.#retry = undefined;
      if (this.#pausedUs === null) this.start();
    });
  }
}
