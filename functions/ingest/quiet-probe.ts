import type { Clock, Timer } from '../../shared/clock.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { Millis } from '../../shared/units.ts';
import type { GapFiller } from './gap-filler.ts';
import type { TradeLane } from './trade-lane.ts';

/** Ids asked for at once: one page. */
const PAGE = 1_000;

/** REST may lag behind the sockets, so what has nothing new is asked once more after this long. */
const LAST_MS: Millis = 60_000;

interface Probe {
  readonly lane: TradeLane;
  /** Nothing is asked after this one, unless it brought a whole page. */
  readonly isLast: boolean;
}

/**
 * After an outage a hole shows with the next trade of a symbol. A quiet symbol has none for a long time, so it is
 * asked over REST whether trades passed meanwhile.
 */
export class QuietProbe {
  readonly #clock: Clock;
  readonly #filler: GapFiller;
  readonly #waitMs: Millis;
  readonly #timers = new Set<Timer>();
  readonly #probes = new WeakMap<Gap, Probe>();

  /** `waitMs`: how long a symbol has for a trade of its own. @default 5,000 */
  constructor(clock: Clock, filler: GapFiller, waitMs: Millis = 5_000) {
    this.#clock = clock;
    this.#filler = filler;
    this.#waitMs = waitMs;
  }

  /** The sockets of these symbols are open again after an outage. */
  afterOutage(lanes: readonly TradeLane[]): void {
    this.#plan(lanes, this.#waitMs, false);
  }

  /**
   * For the filler's answer that nothing more comes: whether the gap was a probe. A probe that brought a whole page
   * is followed by the next.
   */
  settle(gap: Gap): boolean {
    const probe = this.#probes.get(gap);
    if (probe === undefined) return false;
    const highest = probe.lane.ledger.ids.highest;
    if (highest === gap.to) this.#ask(probe, highest);
    else if (!probe.isLast) this.#plan([probe.lane], LAST_MS, true);
    return true;
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #plan(lanes: readonly TradeLane[], afterMs: Millis, isLast: boolean): void {
    const before = lanes.map((lane) => ({ lane, highest: lane.ledger.ids.highest }));
    const timer = this.#clock.after(afterMs, () => {
      this.#timers.delete(timer);
      for (const { lane, highest } of before)
        if (highest !== undefined && lane.ledger.ids.highest === highest)
          this.#ask({ lane, isLast }, highest);
    });
    this.#timers.add(timer);
  }

  #ask(probe: Probe, highest: number): void {
    const { symbol, ledger } = probe.lane;
    const gap: Gap = {
      symbol,
      from: highest + 1,
      to: highest + PAGE,
      cause: 'outage',
      openedUs: this.#clock.nowUs(),
      beforeUs: ledger.highestTimeUs,
      afterUs: ledger.highestTimeUs,
      state: 'open',
      filledUs: null,
      source: null,
      holes: [],
    };
    this.#probes.set(gap, probe);
    this.#filler.add(gap, { once: true });
  }
}
