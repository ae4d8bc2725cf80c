import type { Clock } from '../../shared/clock.ts';
import type { OutgoingRecord } from '../../shared/log/log.ts';
import type { MarketSymbol, Micros } from '../../shared/units.ts';
import type { FeedTime } from './feed-time.ts';
import type { LanePort, LaneStart } from './lane-port.ts';
import { QUIET_US } from './trade-lane.ts';

/** One symbol's way to the raw quotes topic: nothing waits, and ticks carry the receive time. */
export class QuoteLane {
  readonly symbol: MarketSymbol;
  readonly time: FeedTime;
  readonly #clock: Clock;
  readonly #port: LanePort;
  #lastRecordUs: Micros = 0;
  #began: boolean;

  constructor(
    symbol: MarketSymbol,
    time: FeedTime,
    clock: Clock,
    port: LanePort,
    options: Pick<LaneStart, 'began'> = {},
  ) {
    this.symbol = symbol;
    this.time = time;
    this.#clock = clock;
    this.#port = port;
    this.#began = options.began ?? false;
  }

  get lastRecordUs(): Micros {
    return this.#lastRecordUs;
  }

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

  beat(nowUs: Micros): void {
    if (this.#began && nowUs - this.#lastRecordUs >= QUIET_US) this.#tick({ timeUs: nowUs });
  }

  end(): void {
    if (this.#began && this.time.lastUs !== null)
      this.#tick({ timeUs: this.time.lastUs, endedUs: this.time.lastUs });
  }

  #tick(content: { timeUs: Micros; beganUs?: Micros; endedUs?: Micros }): void {
    this.#lastRecordUs = this.#clock.nowUs();
    this.#port.tick({ symbol: this.symbol, feed: 'quotes', contiguousId: null, ...content });
  }
}
