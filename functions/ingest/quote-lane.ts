import type { Clock } from '../../shared/clock.ts';
import type { OutgoingRecord } from '../../shared/log/log.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { FeedTime } from './feed-time.ts';
import type { LanePort } from './lane-port.ts';
import { QUIET_US } from './trade-lane.ts';

/**
 * One symbol's way to the raw quotes topic: nothing waits, and ticks carry the receive time. A quote that was missed
 * cannot be asked for, so every run opens a watch session of its own, and tells when nobody watched.
 */
export class QuoteLane {
  readonly symbol: MarketSymbol;
  readonly time: FeedTime;
  readonly #clock: Clock;
  readonly #port: LanePort;
  #lastRecordUs: Micros = 0;
  #began = false;

  constructor(symbol: MarketSymbol, time: FeedTime, clock: Clock, port: LanePort) {
    this.symbol = symbol;
    this.time = time;
    this.#clock = clock;
    this.#port = port;
  }

  get lastRecordUs(): Micros {
    return this.#lastRecordUs;
  }

  /** Opens the watch session, once the sockets' first time is known. */
  begin(): void {
    if (this.#began || this.time.firstUs === null) return;
    this.#began = true;
    this.#tick({ timeUs: this.time.firstUs, beganUs: this.time.firstUs });
  }

  /** Takes a frame; null where the log has it already. */
  offer(record: OutgoingRecord | null): void {
    this.#lastRecordUs = this.#clock.nowUs();
    if (record !== null) this.#port.deliver(record);
  }

  /**
   * Nobody watched from `endedUs`, when the last frame came, to `beganUs`, when the next one came or the new socket had
   * been open for a moment.
   */
  interrupted(endedUs: Micros, beganUs: Micros): void {
    if (this.#began) this.#tick({ timeUs: beganUs, endedUs, beganUs });
  }

  /** Called every whole second while the socket is watched: a quiet symbol gets a tick. */
  beat(nowUs: Micros): void {
    if (this.#began && nowUs - this.#lastRecordUs >= QUIET_US) this.#tick({ timeUs: nowUs });
  }

  /** Closes the watch session. */
  end(): void {
    if (this.#began && this.time.lastUs !== null)
      this.#tick({ timeUs: this.time.lastUs, endedUs: this.time.lastUs });
  }

  #tick(content: { timeUs: Micros; beganUs?: Micros; endedUs?: Micros }): void {
    this.#lastRecordUs = this.#clock.nowUs();
    this.#port.tick({ symbol: this.symbol, feed: 'quotes', contiguousId: null, ...content });
  }
}
