import type { Clock, Timer } from '../../shared/clock.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { Millis } from '../../shared/units.ts';
import type { GapFiller } from './gap-filler.ts';
import type { TradeLane } from './trade-lane.ts';

/** Ids asked for at once: one page. */
const PAGE = 1_000;

/**
 * After an outage a hole shows with the next trade of a symbol. A quiet symbol has none for a long time, so it is
 * asked over REST whether trades passed meanwhile.
 */
export class QuietProbe {
  readonly #clock: Clock;
  readonly #filler: GapFiller;
  readonly #waitMs: Millis;
  readonly #timers = new Set<Timer>();
  readonly #probes = new WeakMap<Gap, TradeLane>();

  /** `waitMs`: how long a symbol has for a trade of its own. @default 5,000 */
  constructor(clock: Clock, filler: GapFiller, waitMs: Millis = 5_000) {
    this.#clock = clock;
    this.#filler = filler;
    this.#waitMs = waitMs;
  }

  /** The sockets of these symbols are open again after an outage. */
  afterOutage(lanes: readonly TradeLane[]): void {
    const before = lanes.map((lane) => ({ lane, highest: lane.ledger.ids.highest }));
    const timer = this.#clock.after(this.#waitMs, () => {
      this.#timers.delete(timer);
      for (const { lane, highest } of before)
        if (highest !== undefined && lane.ledger.ids.highest === highest) this.#ask(lane, highest);
    });
    this.#timers.add(timer);
  }

  /**
   * For the filler's answer that nothing more comes: whether the gap was a probe. A probe that brought a whole page
   * is followed by the next.
   */
  settle(gap: Gap): boolean {
    const lane = this.#probes.get(gap);
    if (lane === undefined) return false;
    const highest = lane.ledger.ids.highest;
    if (highest === gap.to) this.#ask(lane, highest);
    return true;
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #ask(lane: TradeLane, highest: number): void {
    const timeUs = lane.ledger.highestTimeUs;
    const probe: Gap = {
      symbol: lane.symbol,
      from: highest + 1,
      to: highest + PAGE,
      cause: 'outage',
      openedUs: this.#clock.nowUs(),
      beforeUs: timeUs,
      afterUs: timeUs,
      state: 'open',
      filledUs: null,
      source: null,
      holes: [],
    };
    this.#probes.set(probe, lane);
    this.#filler.add(probe);
  }
}
