import type { Clock } from '../../../shared/clock.ts';
import type { MarketSymbol, Micros, Millis } from '../../../shared/units.ts';
import type { TimeUnit } from '../market/binance-json.ts';
import type { MarketFrame } from '../market/market-frame.ts';
import type { Recording } from '../recordings/recording.ts';
import type {
  KlineRange,
  ListedSymbol,
  MarketListener,
  MarketSource,
  Playing,
  TradeRange,
} from './market-source.ts';
import { RecordedEvents } from './recorded-events.ts';
import { recordedFrame } from './recorded-frame.ts';
import { rememberItem } from './remember-item.ts';

/** How a recording is served. */
export interface RecordedSourceOptions {
  /** How many times as fast as it was recorded; `max` is as fast as the slowest listener takes it. @default 1 */
  readonly speed?: number | 'max';
  /**
   * It begins when each of its streams has a listener, or this long after the first has one, so that clients
   * with several sockets miss nothing. @default 2000
   */
  readonly startWithinMs?: Millis;
}

const CHUNK_FRAMES = 256;
const LOOK_EVERY_MS = 10;
const QUOTE_ASSETS = ['USDT', 'USDC', 'FDUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY'];

/** Serves a recording: its frames in their order, and by REST what of it has passed. */
export class RecordedSource implements MarketSource {
  readonly symbols: readonly ListedSymbol[];
  readonly #recording: Recording;
  readonly #clock: Clock;
  readonly #speed: number | 'max';
  readonly #startWithinMs: Millis;
  readonly #trades = new RecordedEvents();
  readonly #aggTrades = new RecordedEvents();
  readonly #klines = new RecordedEvents();
  #nowUs: Micros;
  #endedAtUs: Micros | undefined;

  private constructor(recording: Recording, clock: Clock, options: RecordedSourceOptions, firstUs: Micros) {
    this.#recording = recording;
    this.#nowUs = firstUs;
    this.#clock = clock;
    this.#speed = options.speed ?? 1;
    this.#startWithinMs = options.startWithinMs ?? 2_000;
    this.symbols = recording.symbols.map(listed);
  }

  /** Makes a recording ready to be served; it plays when somebody listens. */
  static async open(
    recording: Recording,
    clock: Clock,
    options: RecordedSourceOptions = {},
  ): Promise<RecordedSource> {
    for await (const item of recording.items()) {
      if ('receivedUs' in item) return new RecordedSource(recording, clock, options, item.receivedUs);
    }
    return new RecordedSource(recording, clock, options, clock.nowUs());
  }

  /** The recording's own time: that of the item played last. After its end it goes on. */
  nowUs(): Micros {
    return this.#endedAtUs === undefined ? this.#nowUs : this.#nowUs + this.#clock.nowUs() - this.#endedAtUs;
  }

  play(listener: MarketListener): Playing {
    const state = { stopped: false };
    const stop = (): void => {
      state.stopped = true;
    };
    return { stop, finished: this.#play(listener, state) };
  }

  trades(symbol: MarketSymbol, range: TradeRange, unit: TimeUnit): readonly string[] {
    return this.#trades.find(symbol, range).map((event) => event.text(unit));
  }

  aggTrades(symbol: MarketSymbol, range: TradeRange, unit: TimeUnit): readonly string[] {
    return this.#aggTrades.find(symbol, range).map((event) => event.text(unit));
  }

  klines(symbol: MarketSymbol, range: KlineRange, unit: TimeUnit): readonly string[] | undefined {
    if (range.minutes !== 1) return undefined;
    const { startUs, endUs, limit } = range;
    const found = this.#klines.find(symbol, { kind: 'between', startUs, endUs, limit });
    return found.map((event) => event.text(unit));
  }

  async #play(listener: MarketListener, state: { readonly stopped: boolean }): Promise<void> {
    await this.#audience(listener, state);
    const beganUs = this.#clock.nowUs();
    let firstUs: Micros | undefined;
    let chunk: MarketFrame[] = [];
    const flush = async (): Promise<void> => {
      const frames = chunk;
      chunk = [];
      if (frames.length === 0) return;
      listener.deliver(frames);
      await listener.drained();
    };
    for await (const item of this.#recording.items()) {
      if (state.stopped) return;
      if ('receivedUs' in item) {
        firstUs ??= item.receivedUs;
        if (this.#speed !== 'max') {
          const dueUs = beganUs + (Math.max(item.receivedUs, this.#nowUs) - firstUs) / this.#speed;
          if (dueUs > this.#clock.nowUs() + 1_000) {
            await flush();
            await this.#until(dueUs, state);
          }
        }
        this.#nowUs = Math.max(this.#nowUs, item.receivedUs);
      }
      const remembered = rememberItem(item);
      if (remembered !== undefined && 'symbol' in item) {
        this.#eventsOf(remembered.answer).add(item.symbol, remembered.event);
      }
      const frame = recordedFrame(item);
      if (frame !== undefined) chunk.push(frame);
      if (chunk.length >= CHUNK_FRAMES) await flush();
    }
    await flush();
    this.#endedAtUs = this.#clock.nowUs();
  }

  async #audience(listener: MarketListener, state: { readonly stopped: boolean }): Promise<void> {
    const wanted = this.#recording.symbols.flatMap((symbol) =>
      this.#recording.streams.map((stream) => `${symbol.toLowerCase()}@${stream}`),
    );
    let firstUs: Micros | undefined;
    while (!state.stopped) {
      const subscribed = listener.subscribed();
      if (subscribed.size > 0) {
        firstUs ??= this.#clock.nowUs();
        if (wanted.every((stream) => subscribed.has(stream))) return;
        if (this.#clock.nowUs() - firstUs >= this.#startWithinMs * 1000) return;
      }
      await this.#until(this.#clock.nowUs() + LOOK_EVERY_MS * 1000, state);
    }
  }

  async #until(dueUs: Micros, state: { readonly stopped: boolean }): Promise<void> {
    while (!state.stopped) {
      const leftMs = (dueUs - this.#clock.nowUs()) / 1000;
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        this.#clock.after(Math.min(leftMs, 200), resolve);
      });
    }
  }

  #eventsOf(answer: 'trades' | 'aggTrades' | 'klines'): RecordedEvents {
    if (answer === 'trades') return this.#trades;
    return answer === 'aggTrades' ? this.#aggTrades : this.#klines;
  }
}

function listed(symbol: MarketSymbol): ListedSymbol {
  const quoteAsset = QUOTE_ASSETS.find((asset) => symbol.endsWith(asset)) ?? symbol.slice(-4);
  const baseAsset = symbol.slice(0, -quoteAsset.length);
  return { symbol, baseAsset, quoteAsset, priceDecimals: 8, quantityDecimals: 8 };
}
