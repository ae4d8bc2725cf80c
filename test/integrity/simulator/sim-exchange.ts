import type { MemoryConnection } from '../../../functions/ingest/memory-stream-source.ts';
import type { Fetch } from '../../../functions/ingest/rest-client.ts';
import { BINANCE_LIMITS } from '../../../infra/local/exchange/exchange-limits.ts';
import type { FaultSchedule } from '../../../infra/local/exchange/fault-schedule.ts';
import { FrameFaults } from '../../../infra/local/exchange/frame-faults.ts';
import { answerRest } from '../../../infra/local/exchange/rest-answer.ts';
import { SimulatedSource } from '../../../infra/local/exchange/simulated-source.ts';
import { simulatedFrames } from '../../../infra/local/market/simulated-frames.ts';
import type { SimulatedMarket } from '../../../infra/local/market/simulated-market.ts';
import type { Clock } from '../../../shared/clock.ts';
import { type Micros, SECOND_US } from '../../../shared/units.ts';
import { closeLine, type QuoteLine, QuoteLines } from './quote-lines.ts';
import type { SimProcess } from './sim-process.ts';

/** Frames within this time are sent in one step. */
const SLOT_US = 25_000;
const SHUTDOWN_NOTICE_MS = 2_000;

interface Line {
  readonly process: SimProcess;
  readonly connection: MemoryConnection;
  readonly faults: FrameFaults;
  readonly silentFromUs: Micros;
  readonly silentToUs: Micros;
  readonly streams: ReadonlySet<string>;
  /** What is kept of it where it carries quotes; undefined before it is open. */
  quotes: QuoteLine | undefined;
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
  /** A stretch, in milliseconds from the start, in which REST answers 503 alone. */
  readonly restDownMs: readonly [from: number, to: number] | undefined;
}

/** The simulated market behind in-memory sockets and REST, with the faults of a schedule. */
export class SimExchange {
  readonly #options: SimExchangeOptions;
  readonly #source: SimulatedSource;
  readonly #lines = new Set<Line>();
  readonly #startUs: Micros;
  #connections = 0;
  #requests = 0;
  #playing = true;
  #playedUs: Micros;
  /** What became of every quotes socket. */
  readonly quoteLines = new QuoteLines();
  /** Calls answered, which tells the driver that something moves. */
  calls = 0;

  constructor(options: SimExchangeOptions) {
    this.#options = options;
    this.#source = new SimulatedSource(options.market, options.clock);
    this.#startUs = options.clock.nowUs();
    this.#playedUs = this.#startUs;
    this.#play();
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
      streams: new Set(connection.request.streams),
      quotes: undefined,
    };
    // Every seventh silence is a dead line: pings are not answered either.
    if (index % 7 === 3) connection.answersPings = false;
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

  /** Answers REST requests. */
  readonly fetch: Fetch = async (url) => {
    this.calls += 1;
    const { clock, schedule, refusingHost, restDownMs } = this.#options;
    const request = this.#requests;
    this.#requests += 1;
    const sinceMs = (clock.nowUs() - this.#startUs) / 1_000;
    await this.#after(20);
    const address = new URL(url);
    if (address.host === refusingHost) return answer(451, '{"code":0,"msg":"restricted location"}');
    if (this.faulty) {
      if (restDownMs !== undefined && sinceMs >= restDownMs[0] && sinceMs < restDownMs[1]) {
        return answer(503, '{}');
      }
      const fault = schedule.request(request);
      if (fault.kind === 'refused') {
        return answer(fault.status, '{"code":-1003,"msg":"slow down"}', {
          'retry-after': String(fault.retryAfterS),
        });
      }
      if (fault.kind === 'failed') return answer(fault.status, '{}');
      if (fault.kind === 'slow') await this.#after(fault.delayMs);
    }
    const found = answerRest(address.pathname, address.searchParams, {
      source: this.#source,
      limits: BINANCE_LIMITS,
      nowUs: clock.nowUs() + (this.faulty ? Math.abs(schedule.clockErrorUs()) : 0),
      unit: 'ms',
    });
    return answer(found.status, found.body, { 'x-mbx-used-weight-1m': '1' });
  };

  async #after(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
    this.calls += 1;
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
          for (const frame of frames) this.#send(frame.stream, frame.payload('ms', this.#aheadUs()));
      });
    }
    clock.after((untilUs - clock.nowUs()) / 1_000, () => this.#play());
  }

  #forget(line: Line): void {
    this.#lines.delete(line);
    closeLine(line.quotes, this.#options.clock.nowUs());
  }

  #aheadUs(): Micros {
    return this.faulty ? Math.abs(this.#options.schedule.clockErrorUs()) : 0;
  }

  #send(stream: string, payload: string): void {
    const nowUs = this.#options.clock.nowUs();
    const message = `{"stream":"${stream}","data":${payload}}`;
    for (const line of [...this.#lines]) {
      const { connection, process } = line;
      if (!line.streams.has(stream)) continue;
      if (connection.state !== 'open' || !process.alive) {
        this.#forget(line);
        continue;
      }
      if (this.faulty && nowUs >= line.silentFromUs && nowUs < line.silentToUs) continue;
      const sent = this.faulty ? line.faults.apply(message) : [message];
      if (line.quotes !== undefined && isQuotes(stream))
        this.quoteLines.sent(line.quotes, symbolOf(stream), message, sent);
      for (const text of sent) connection.deliver(Buffer.from(text), process.clock.nowUs());
    }
  }
}

function isQuotes(stream: string): boolean {
  return stream.endsWith('@bookTicker');
}

function symbolOf(stream: string): string {
  return stream.slice(0, stream.indexOf('@')).toUpperCase();
}

function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers });
}
