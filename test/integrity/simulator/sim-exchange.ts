import type { MemoryConnection } from '../../../functions/ingest/memory-stream-source.ts';
import type { FaultSchedule } from '../../../infra/local/exchange/fault-schedule.ts';
import { FrameFaults } from '../../../infra/local/exchange/frame-faults.ts';
import { unit } from '../../../infra/local/market/noise.ts';
import { simulatedFrames } from '../../../infra/local/market/simulated-frames.ts';
import type { SimulatedMarket } from '../../../infra/local/market/simulated-market.ts';
import type { Clock } from '../../../shared/clock.ts';
import { type Micros, type Millis, SECOND_US } from '../../../shared/units.ts';
import { closeLine, type QuoteLine, QuoteLines } from './quote-lines.ts';
import type { SimProcess } from './sim-process.ts';
import { type RestConditions, SimRest } from './sim-rest.ts';

/** Frames within this time are sent in one step. */
const SLOT_US = 25_000;
const SHUTDOWN_NOTICE_MS = 2_000;
const FLUSH_EVERY_MS = 100;
/** Silent for 10 s a line is pinged, and 10 s later replaced by one that takes over within 5 s. */
const DOUBT_MS = 28_000;
/** A receiver that has paused for 30 s gives the line up. */
const LONGEST_PAUSE_US = 32_000_000;

/** A frame on its way: what was meant, and what became of it. */
interface Waiting {
  readonly stream: string;
  readonly message: string;
  readonly text: string;
}

interface Line {
  readonly process: SimProcess;
  readonly connection: MemoryConnection;
  readonly faults: FrameFaults;
  silentFromUs: Micros;
  silentToUs: Micros;
  holdsFrames: boolean;
  readonly streams: ReadonlySet<string>;
  /** What the network holds for a receiver that has paused. */
  readonly waiting: Waiting[];
  isFlushPlanned: boolean;
  /** Since when its receiver is seen to pause; infinite while it does not. */
  pausedUs: Micros;
  /** What is kept of it where it carries quotes; undefined before it is open. */
  quotes: QuoteLine | undefined;
}

/** All lines that are open at a time say nothing for a while. */
export interface Silence {
  readonly atMs: Millis;
  readonly ms: Millis;
  /** False where the lines are dead: nothing that is sent arrives at the far end. */
  readonly answersPings: boolean;
  /** What would have been said comes when it is over; otherwise it is lost. */
  readonly holdsFrames: boolean;
}

/** What the exchange of a simulation is made of. */
export interface SimExchangeOptions {
  readonly market: SimulatedMarket;
  readonly clock: Clock;
  readonly schedule: FaultSchedule;
  /** Streams that are sent, to whoever listens. */
  readonly streams: readonly string[];
  /** Host that answers HTTP 451 to everything; undefined where none does. */
  readonly refusingHost: string | undefined;
  readonly rest: RestConditions;
  readonly silences: readonly Silence[];
  /** When every line is cut. */
  readonly cutsMs: readonly Millis[];
  /** The share of aggregates whose first id is one too low, so that they do not tile. */
  readonly untiledShare: number;
}

/** The simulated market behind in-memory sockets and REST, with the faults of a schedule. */
export class SimExchange {
  readonly rest: SimRest;
  /** Frames that a paused receiver had waiting, pings that nobody answered, and the like. */
  readonly counts = new Map<string, number>();
  /** Lines that the receiver should have given up. */
  readonly neglected: string[] = [];
  readonly #options: SimExchangeOptions;
  readonly #lines = new Set<Line>();
  readonly #startUs: Micros;
  #connections = 0;
  #aggregates = 0;
  #playing = true;
  #playedUs: Micros;
  /** What became of every quotes socket. */
  readonly quoteLines = new QuoteLines();

  constructor(options: SimExchangeOptions) {
    this.#options = options;
    const { market, clock, schedule, rest, refusingHost } = options;
    this.rest = new SimRest({ market, clock, schedule, conditions: rest, refusingHost });
    this.#startUs = clock.nowUs();
    this.#playedUs = this.#startUs;
    for (const silence of options.silences) clock.after(silence.atMs, () => this.#silence(silence));
    for (const atMs of options.cutsMs) clock.after(atMs, () => this.cutAll());
    this.#play();
  }

  /** Calls answered, which tells the driver that something moves. */
  get calls(): number {
    return this.rest.calls;
  }

  /** Whether faults still happen. */
  get faulty(): boolean {
    return this.#options.schedule.active((this.#options.clock.nowUs() - this.#startUs) / 1_000);
  }

  /** Sends no more. What was traded until now is all that there was. */
  stop(): void {
    this.#playing = false;
    for (const line of this.#lines) closeLine(line.quotes, this.#options.clock.nowUs());
  }

  /** Ends every connection. */
  cutAll(): void {
    for (const line of [...this.#lines]) {
      this.#forget(line);
      if (line.process.alive) line.connection.end(1006, 'rotation');
    }
  }

  /** A client connects. */
  accept(process: SimProcess, connection: MemoryConnection): void {
    const { clock, schedule } = this.#options;
    const index = this.#connections;
    this.#connections += 1;
    const life = schedule.connection(index);
    const nowUs = clock.nowUs();
    const fromNow = (ms: number | undefined): Micros => (ms === undefined ? Infinity : nowUs + ms * 1_000);
    const line: Line = {
      process,
      connection,
      faults: new FrameFaults(schedule, index),
      silentFromUs: fromNow(life.silentFromMs),
      silentToUs: fromNow(life.silentToMs),
      holdsFrames: false,
      streams: new Set(connection.request.streams),
      waiting: [],
      isFlushPlanned: false,
      pausedUs: Infinity,
      quotes: undefined,
    };
    const end = (reason: string): void => {
      this.#forget(line);
      if (process.alive) connection.end(1006, reason);
    };
    process.onKill(() => this.#forget(line));
    clock.after(30, () => {
      if (!process.alive || connection.state !== 'opening') return;
      this.#lines.add(line);
      if (connection.request.streams.some(isQuotes))
        line.quotes = this.quoteLines.open(process, clock.nowUs(), connection.answersPings);
      connection.open();
    });
    if (life.cutAfterMs !== undefined) clock.after(life.cutAfterMs, () => this.faulty && end('cut'));
    if (life.shutdownAfterMs === undefined) return;
    clock.after(life.shutdownAfterMs, () => {
      if (!this.faulty) return;
      if (process.alive) {
        const told = Buffer.from('{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":0}}');
        connection.deliver(told, process.clock.nowUs());
      }
      clock.after(SHUTDOWN_NOTICE_MS, () => end('shutdown'));
    });
  }

  #silence({ ms, answersPings, holdsFrames }: Silence): void {
    const nowUs = this.#options.clock.nowUs();
    for (const line of this.#lines) {
      line.silentFromUs = nowUs;
      line.silentToUs = nowUs + ms * 1_000;
      line.holdsFrames = holdsFrames;
      line.connection.answersPings = answersPings;
      if (line.quotes !== undefined) line.quotes.answersPings = answersPings;
      const pings = line.connection.pings;
      this.#options.clock.after(ms, () => {
        const isOpen = line.connection.state === 'open' && line.process.alive && !line.connection.paused;
        if (isOpen && !answersPings && ms >= DOUBT_MS)
          this.neglected.push(`a line that was dead for ${ms} ms`);
        if (line.connection.pings > pings)
          this.#count(answersPings ? 'pings of a silent line' : 'pings of a dead line', 1);
        line.connection.answersPings = true;
        if (line.quotes !== undefined) line.quotes.answersPings = true;
      });
    }
  }

  #play(): void {
    const { market, clock, streams } = this.#options;
    if (!this.#playing) return;
    const untilUs = this.#playedUs + SECOND_US;
    const slots = Map.groupBy(simulatedFrames(market, streams, this.#playedUs, untilUs), (frame) =>
      Math.ceil(frame.atUs / SLOT_US),
    );
    this.#playedUs = untilUs;
    for (const [slot, frames] of slots) {
      clock.after((slot * SLOT_US - clock.nowUs()) / 1_000, () => {
        if (this.#playing)
          for (const frame of frames) this.#send(frame.stream, frame.payload('ms', this.rest.aheadUs()));
      });
    }
    clock.after((untilUs - clock.nowUs()) / 1_000, () => this.#play());
  }

  #forget(line: Line): void {
    this.#lines.delete(line);
    closeLine(line.quotes, this.#options.clock.nowUs());
  }

  #send(stream: string, payload: string): void {
    const nowUs = this.#options.clock.nowUs();
    const message = this.#untiled(stream, `{"stream":"${stream}","data":${payload}}`);
    for (const line of [...this.#lines]) {
      const { connection, process } = line;
      if (!line.streams.has(stream)) continue;
      if (connection.state !== 'open' || !process.alive) {
        if (line.waiting.length > 0 && process.alive) this.#count('lines left while they were paused', 1);
        this.#forget(line);
        continue;
      }
      const isSilent = this.faulty && nowUs >= line.silentFromUs && nowUs < line.silentToUs;
      if (isSilent && !line.holdsFrames) continue;
      const sent = this.faulty ? line.faults.apply(message) : [message];
      line.waiting.push(...sent.map((text) => ({ stream, message, text })));
      if (connection.paused) this.#count('frames held for a paused receiver', sent.length);
      if (isSilent || connection.paused) this.#flushLater(line);
      else this.#flush(line);
    }
  }

  #flush({ connection, process, waiting, quotes }: Line): void {
    for (const { stream, message, text } of waiting.splice(0)) {
      if (quotes !== undefined && isQuotes(stream))
        this.quoteLines.sent(quotes, symbolOf(stream), message, [text]);
      connection.deliver(Buffer.from(text), process.clock.nowUs());
    }
  }

  /** What waits is delivered once the receiver has resumed and the line speaks again. */
  #flushLater(line: Line): void {
    if (line.isFlushPlanned) return;
    line.isFlushPlanned = true;
    this.#options.clock.after(FLUSH_EVERY_MS, () => {
      line.isFlushPlanned = false;
      const isSilent = this.faulty && this.#options.clock.nowUs() < line.silentToUs;
      if (!line.process.alive || line.connection.state !== 'open') return;
      if (!line.connection.paused) line.pausedUs = Infinity;
      else line.pausedUs = Math.min(line.pausedUs, this.#options.clock.nowUs());
      if (this.#options.clock.nowUs() - line.pausedUs > LONGEST_PAUSE_US)
        this.neglected.push('a line that was paused for long');
      if (line.connection.paused || isSilent) this.#flushLater(line);
      else this.#flush(line);
    });
  }

  #untiled(stream: string, message: string): string {
    const { schedule, untiledShare } = this.#options;
    if (!stream.endsWith('@aggTrade')) return message;
    this.#aggregates += 1;
    if (!this.faulty || unit(schedule.seed, 20, this.#aggregates) >= untiledShare) return message;
    this.#count('aggregates that do not tile', 1);
    return message.replace(/"f":(\d+)/, (_, id) => `"f":${Number(id) - 1}`);
  }

  #count(what: string, by: number): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }
}

function isQuotes(stream: string): boolean {
  return stream.endsWith('@bookTicker');
}

function symbolOf(stream: string): string {
  return stream.slice(0, stream.indexOf('@')).toUpperCase();
}
