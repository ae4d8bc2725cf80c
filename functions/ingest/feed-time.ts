import type { Micros } from '../../shared/units.ts';

/**
 * The time of a feed's sockets as ticks tell it: the exchange's on trades sockets, the receive time on quotes
 * sockets. It never goes back.
 */
export class FeedTime {
  #firstUs: Micros | null = null;
  #lastUs: Micros | null = null;
  #lostUs: Micros | null = null;

  /** The time of the first frame; null before it. */
  get firstUs(): Micros | null {
    return this.#firstUs;
  }

  /** The highest time so far; null before the first frame. */
  get lastUs(): Micros | null {
    return this.#lastUs;
  }

  /** Takes note of a time; true for the first one. */
  note(timeUs: Micros): boolean {
    if (this.#lastUs === null) {
      this.#firstUs = timeUs;
      this.#lastUs = timeUs;
      return true;
    }
    if (timeUs > this.#lastUs) this.#lastUs = timeUs;
    return false;
  }

  /** Since the last frame nobody watched: its socket was lost, or had fallen dead. */
  lose(): void {
    this.#lostUs ??= this.#lastUs;
  }

  /** The time of the last frame before the socket was lost, told once; null where none was lost since. */
  takeLost(): Micros | null {
    const lostUs = this.#lostUs;
    if (lostUs !== null) this.#lostUs = null;
    return lostUs;
  }
}
