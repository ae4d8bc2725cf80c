import { MINUTE_US, type Micros } from '../units.ts';

/** A minute's figures as numbers, in the order in which they are stored. */
export type MinuteState = readonly [
  startUs: Micros,
  trades: number,
  first: number,
  sum: number,
  squares: number,
  buy: number,
  sell: number,
];

/**
 * The running figures of the newest minute, as doubles: they decide alarms, never sums. Prices are taken relative
 * to the minute's first, so that a small deviation is not lost in the squares of a large price.
 */
export class MinuteFigures {
  startUs: Micros = 0;
  trades = 0;
  takerBuyVolume = 0;
  takerSellVolume = 0;
  #first = 0;
  #sum = 0;
  #squares = 0;

  /** Adds a trade; one of an earlier minute is left out. */
  add(timeUs: Micros, price: number, quantity: number, isBuyerMaker: boolean): void {
    if (timeUs < this.startUs) return;
    if (timeUs >= this.startUs + MINUTE_US) this.#begin(timeUs, price);
    const step = price - this.#first;
    this.trades += 1;
    this.#sum += step;
    this.#squares += step * step;
    if (isBuyerMaker) this.takerSellVolume += quantity;
    else this.takerBuyVolume += quantity;
  }

  get mean(): number {
    return this.#first + this.#sum / this.trades;
  }

  /** The sample deviation of the prices; NaN for one trade. */
  get stddev(): number {
    const spread = this.#squares - (this.#sum * this.#sum) / this.trades;
    return Math.sqrt(Math.max(0, spread) / (this.trades - 1));
  }

  toState(): MinuteState {
    return [
      this.startUs,
      this.trades,
      this.#first,
      this.#sum,
      this.#squares,
      this.takerBuyVolume,
      this.takerSellVolume,
    ];
  }

  restore(state: MinuteState): void {
    [this.startUs, this.trades, this.#first, this.#sum, this.#squares] = state;
    [, , , , , this.takerBuyVolume, this.takerSellVolume] = state;
  }

  #begin(timeUs: Micros, price: number): void {
    this.startUs = timeUs - (timeUs % MINUTE_US);
    this.trades = 0;
    this.#first = price;
    this.#sum = 0;
    this.#squares = 0;
    this.takerBuyVolume = 0;
    this.takerSellVolume = 0;
  }
}
