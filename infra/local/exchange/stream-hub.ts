import type { Clock } from '../../../shared/clock.ts';
import type { Micros, Millis } from '../../../shared/units.ts';
import type { TimeUnit } from '../market/binance-json.ts';
import type { MarketFrame } from '../market/market-frame.ts';
import type { MarketListener } from './market-source.ts';
import type { StreamConnection } from './stream-connection.ts';

const WAIT_ABOVE_BYTES = 512 * 1024;
const LOOK_EVERY_MS = 2;
const STALLED_AFTER_MS: Millis = 60_000;

/** Hands a market's frames to the connections that listen; each frame is written out once for each form asked for. */
export class StreamHub implements MarketListener {
  readonly #clock: Clock;
  readonly #aheadUs: () => Micros;
  readonly #connections = new Set<StreamConnection>();
  #byStream: Map<string, Set<StreamConnection>> | undefined;

  /** @param aheadUs how far the exchange's clock is ahead of the truth */
  constructor(clock: Clock, aheadUs: () => Micros) {
    this.#clock = clock;
    this.#aheadUs = aheadUs;
  }

  get connections(): ReadonlySet<StreamConnection> {
    return this.#connections;
  }

  add(connection: StreamConnection): void {
    this.#connections.add(connection);
    this.changed();
  }

  remove(connection: StreamConnection): void {
    this.#connections.delete(connection);
    this.changed();
  }

  /** To be told when a connection's streams have changed. */
  changed(): void {
    this.#byStream = undefined;
  }

  subscribed(): ReadonlySet<string> {
    return new Set(this.#routes().keys());
  }

  deliver(frames: readonly MarketFrame[]): void {
    const aheadUs = this.#aheadUs();
    for (const frame of frames) {
      const listeners = this.#routes().get(frame.stream);
      if (listeners === undefined) continue;
      const payloads = new Map<TimeUnit, string>();
      for (const connection of listeners) {
        const payload = payloads.get(connection.unit) ?? frame.payload(connection.unit, aheadUs);
        payloads.set(connection.unit, payload);
        connection.send(connection.combined ? `{"stream":"${frame.stream}","data":${payload}}` : payload);
      }
    }
  }

  /** Waits for the slowest client; one that takes nothing for a minute is cut. */
  async drained(): Promise<void> {
    for (const connection of this.#connections) await this.#drained(connection);
  }

  async #drained(connection: StreamConnection): Promise<void> {
    let least = connection.bufferedBytes;
    let sinceUs = this.#clock.nowUs();
    while (connection.open && connection.bufferedBytes > WAIT_ABOVE_BYTES) {
      await new Promise<void>((resolve) => {
        this.#clock.after(LOOK_EVERY_MS, resolve);
      });
      if (connection.bufferedBytes < least) {
        least = connection.bufferedBytes;
        sinceUs = this.#clock.nowUs();
      } else if (this.#clock.nowUs() - sinceUs > STALLED_AFTER_MS * 1000) connection.cut();
    }
  }

  #routes(): Map<string, Set<StreamConnection>> {
    if (this.#byStream !== undefined) return this.#byStream;
    const routes = new Map<string, Set<StreamConnection>>();
    for (const connection of this.#connections) {
      for (const stream of connection.streams) {
        const listeners = routes.get(stream) ?? new Set();
        routes.set(stream, listeners);
        listeners.add(connection);
      }
    }
    this.#byStream = routes;
    return routes;
  }
}
