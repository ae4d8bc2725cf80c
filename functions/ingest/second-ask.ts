import type { Clock, Timer } from '../../shared/clock.ts';
import type { Gap } from '../../shared/ledger/gap.ts';
import type { Millis } from '../../shared/units.ts';
import type { GapFiller } from './gap-filler.ts';
import type { TradeLane } from './trade-lane.ts';

/**
 * Asks once more, at a start, for what earlier runs gave up: the exchange may have it by now. The gaps stay given up
 * until a trade of them comes. Slowly, so that what goes missing now has the weight.
 */
export class SecondAsk {
  readonly #clock: Clock;
  readonly #filler: GapFiller;
  readonly #everyMs: Millis;
  readonly #asked = new WeakSet<Gap>();
  #timer: Timer | undefined;

  /** `everyMs`: from one gap to the next. @default 1,000 */
  constructor(clock: Clock, filler: GapFiller, everyMs: Millis = 1_000) {
    this.#clock = clock;
    this.#filler = filler;
    this.#everyMs = everyMs;
  }

  start(lanes: Iterable<TradeLane>): void {
    const owed = [...lanes].flatMap((lane) =>
      lane.ledger.gaps.filter(({ state }) => state === 'unfillable').map((gap) => ({ lane, gap })),
    );
    const next = (): void => {
      const ask = owed.shift();
      if (ask === undefined) return;
      if (ask.lane.ledger.gaps.includes(ask.gap)) this.#ask(ask.gap);
      this.#timer = this.#clock.after(this.#everyMs, next);
    };
    if (owed.length > 0) this.#timer = this.#clock.after(this.#everyMs, next);
  }

  /** Whether the filler asked for this one here: that nothing came changes nothing. */
  has(gap: Gap): boolean {
    return this.#asked.has(gap);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #ask(gap: Gap): void {
    const [first, last] = [gap.holes[0], gap.holes.at(-1)];
    const asked: Gap = { ...gap, from: first?.from ?? gap.from, to: last?.to ?? gap.to, state: 'open' };
    this.#asked.add(asked);
    this.#filler.add(asked, { once: true });
  }
}
