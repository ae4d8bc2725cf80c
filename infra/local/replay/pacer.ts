import type { Clock } from '../../../shared/clock.ts';
import type { Micros, Millis } from '../../../shared/units.ts';

/** Holds a replay to a multiple of real time. */
export class Pacer {
  readonly #wall: Clock;
  readonly #speed: number | 'max';
  readonly #wallStartUs: Micros;
  #startUs: Micros;

  /** `startUs` is the recording's time at this moment. */
  constructor(wall: Clock, speed: number | 'max', startUs: Micros) {
    this.#wall = wall;
    this.#speed = speed;
    this.#wallStartUs = wall.nowUs();
    this.#startUs = startUs;
  }

  /** False at speed `max`: nothing is ever waited for. */
  get isPaced(): boolean {
    return this.#speed !== 'max';
  }

  /** How long until the recording's time may be `us`; negative when it is late. */
  aheadMs(us: Micros): Millis {
    if (this.#speed === 'max') return 0;
    return (this.#wallStartUs + (us - this.#startUs) / this.#speed - this.#wall.nowUs()) / 1_000;
  }

  /** Resolves when the recording's time may be `us`. */
  wait(us: Micros): Promise<void> {
    return new Promise((resolve) => {
      this.#wall.after(this.aheadMs(us), resolve);
    });
  }

  /** Leaves a stretch of the recording out of the pace. */
  skip(us: Micros): void {
    this.#startUs += us;
  }
}
