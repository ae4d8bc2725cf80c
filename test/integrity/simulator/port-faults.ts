import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { SimRandom } from './sim-random.ts';

/** How often a call of a port fails, and how. */
export interface PortFaultRates {
  /** The share of calls that fail before anything is done. */
  readonly before: number;
  /** The share that are done and fail all the same: the answer is lost. */
  readonly after: number;
  /** The share that take a while first. */
  readonly slow: number;
  /** The share that take longer than the function's timeout: the call goes on beside its retry. */
  readonly zombie: number;
}

/** Makes the calls of in-memory ports fail as those of real services do, as long as faults are active. */
export class PortFaults {
  /** Calls made, which tells the driver that something moves. */
  calls = 0;
  /** Faults by port and kind, for the schedule's print. */
  readonly counts = new Map<string, number>();
  readonly #clock: Clock;
  readonly #random: SimRandom;
  readonly #rates: PortFaultRates;
  readonly #active: () => boolean;

  constructor(clock: Clock, random: SimRandom, rates: PortFaultRates, active: () => boolean) {
    this.#clock = clock;
    this.#random = random;
    this.#rates = rates;
    this.#active = active;
  }

  /**
   * Runs a call of a port, or fails it. `half` does a part of it, where a call can be done in part; a port that is
   * seldom called may be given faults `more` times as often.
   */
  async run<Answer>(
    port: string,
    call: () => Promise<Answer>,
    { half, more = 1 }: { readonly half?: () => Promise<unknown>; readonly more?: number } = {},
  ): Promise<Answer> {
    this.calls += 1;
    if (!this.#active()) return call();
    const draw = this.#random.next() / more;
    const { before, after, slow, zombie } = this.#rates;
    if (draw < before) {
      if (half !== undefined && this.#random.chance(0.5)) await half();
      throw this.#fault(port, 'before');
    }
    if (draw < before + after) {
      await call();
      throw this.#fault(port, 'after');
    }
    if (draw < before + after + slow) await this.#wait(port, 'slow', 20 + this.#random.whole(0, 400));
    else if (draw < before + after + slow + zombie)
      await this.#wait(port, 'zombie', this.#random.whole(2_000, 6_000));
    const answer = await call();
    this.calls += 1;
    return answer;
  }

  /** Whether a fault happens that the caller makes itself. */
  chance(port: string, kind: string, probability: number): boolean {
    if (!this.#active() || !this.#random.chance(probability)) return false;
    this.#note(port, kind);
    return true;
  }

  #fault(port: string, kind: string): CodedError {
    this.#note(port, kind);
    return new CodedError('SIMULATED_FAULT', `The simulator failed ${port} ${kind} it was done.`, {
      canRetry: true,
    });
  }

  #wait(port: string, kind: string, delayMs: number): Promise<void> {
    this.#note(port, kind);
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }

  #note(port: string, kind: string): void {
    const name = `${port} ${kind}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
