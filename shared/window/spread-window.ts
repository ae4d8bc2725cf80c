import { ExactSum } from '../exact/exact-sum.ts';
import { bigPowerOfTen } from '../exact/powers.ts';
import type { Micros } from '../units.ts';
import { SECOND_US } from '../units.ts';
import { finer, type Units } from './figures.ts';

/** The tumbling window over quotes: 30 seconds of receive time. */
export const SPREAD_WINDOW_US = 30 * SECOND_US;
export const SPREAD_RESOLUTION = '30s';

/** Basis points of a single update are kept to this many digits after the point, so that their sum is exact. */
export const BPS_SCALE = 9;
const BPS_UNIT = 10 ** BPS_SCALE;

/** What the statistics need of a quote. */
export interface QuoteFigures {
  updateId: number;
  bidUnits: Units;
  bidScale: number;
  askUnits: Units;
  askScale: number;
}

/** The statistics of the quotes of one symbol within one window. */
export class SpreadWindow {
  /** Its start is `index` × 30 s. */
  readonly index: number;
  count = 0;
  scale = 0;
  lastUpdateId = 0;
  lastBid: Units = 0;
  lastAsk: Units = 0;
  minSpread: Units = 0;
  maxSpread: Units = 0;
  readonly spreadSum = new ExactSum();
  /** In units of 10^-9 basis points of the mid. */
  minBps = 0;
  maxBps = 0;
  readonly bpsSum = new ExactSum();
  /** The number of quotes folded so far when this window last changed. */
  sequence = 0;
  beganUs: Micros | null = null;
  endedUs: Micros | null = null;

  constructor(index: number) {
    this.index = index;
  }

  get startUs(): Micros {
    return this.index * SPREAD_WINDOW_US;
  }

  get endUs(): Micros {
    return this.startUs + SPREAD_WINDOW_US;
  }

  /** Whether the watch began, ended or was interrupted inside the window. */
  get isPartial(): boolean {
    return (
      (this.beganUs !== null && this.beganUs > this.startUs) ||
      (this.endedUs !== null && this.endedUs < this.endUs)
    );
  }

  /** Adds a quote whose update id is above all before it. */
  add(quote: QuoteFigures): void {
    const scale = Math.max(this.scale, quote.bidScale, quote.askScale);
    if (scale !== this.scale) this.#rescale(scale);
    const bid = finer(quote.bidUnits, scale - quote.bidScale);
    const ask = finer(quote.askUnits, scale - quote.askScale);
    const spread = difference(ask, bid);
    const bps = spreadBps(bid, ask);
    if (this.count === 0 || spread < this.minSpread) this.minSpread = spread;
    if (this.count === 0 || spread > this.maxSpread) this.maxSpread = spread;
    if (this.count === 0 || bps < this.minBps) this.minBps = bps;
    if (this.count === 0 || bps > this.maxBps) this.maxBps = bps;
    if (typeof spread === 'number') this.spreadSum.add(spread);
    else this.spreadSum.addBig(spread);
    this.bpsSum.add(bps);
    this.lastBid = bid;
    this.lastAsk = ask;
    this.lastUpdateId = quote.updateId;
    this.count += 1;
  }

  #rescale(scale: number): void {
    const shift = scale - this.scale;
    this.scale = scale;
    this.lastBid = finer(this.lastBid, shift);
    this.lastAsk = finer(this.lastAsk, shift);
    this.minSpread = finer(this.minSpread, shift);
    this.maxSpread = finer(this.maxSpread, shift);
    this.spreadSum.rescale(bigPowerOfTen(shift));
  }
}

/** The spread in basis points of the mid, in units of 10^-9 basis points, to the nearest. */
export function spreadBps(bid: Units, ask: Units): number {
  return Math.round((Number(difference(ask, bid)) / (Number(ask) + Number(bid))) * 20_000 * BPS_UNIT);
}

function difference(a: Units, b: Units): Units {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const exact = BigInt(a) - BigInt(b);
  return exact <= Number.MAX_SAFE_INTEGER ? Number(exact) : exact;
}
