import { ExactSum, FAST_LIMIT } from '../exact/exact-sum.ts';
import { bigPowerOfTen, POWERS_OF_TEN } from '../exact/powers.ts';

/** An exact amount: an integer at a scale that is kept beside it. A bigint only beyond 2^53. */
export type Units = number | bigint;

/** What the statistics need of a trade; `TradeScan` and a decoded `Trade` both give it. */
export interface TradeFigures {
  tradeId: number;
  priceUnits: Units;
  priceScale: number;
  quantityUnits: Units;
  quantityScale: number;
  isBuyerMaker: boolean;
}

/**
 * The market statistics of a set of trades: a pure function of the set, whatever the order of `add` and `merge`.
 * Sums are exact integers at the scale that the symbol's prices and quantities need, which only grows.
 */
export class Figures {
  count = 0;
  priceScale = 0;
  quantityScale = 0;
  firstId = 0;
  lastId = 0;
  open: Units = 0;
  high: Units = 0;
  low: Units = 0;
  close: Units = 0;
  /** The greatest quote value of one trade, at the scale of price and quantity together. */
  largest: Units = 0;
  readonly volume = new ExactSum();
  readonly quoteVolume = new ExactSum();
  readonly takerBuyVolume = new ExactSum();
  readonly takerBuyQuoteVolume = new ExactSum();
  readonly priceSum = new ExactSum();
  readonly priceSquares = new ExactSum();

  /** Adds one trade and returns its quote value at `priceScale + quantityScale`. */
  add(trade: TradeFigures): Units {
    let price = trade.priceUnits;
    let quantity = trade.quantityUnits;
    if (trade.priceScale !== this.priceScale) price = this.#alignPrice(price, trade.priceScale);
    if (trade.quantityScale !== this.quantityScale) {
      quantity = this.#alignQuantity(quantity, trade.quantityScale);
    }
    this.#note(trade.tradeId, trade.tradeId, 1, price);
    if (typeof price === 'number' && typeof quantity === 'number') {
      const value = price * quantity;
      const square = price * price;
      if (value < FAST_LIMIT && square < FAST_LIMIT && quantity < FAST_LIMIT) {
        this.priceSum.add(price);
        this.priceSquares.add(square);
        this.volume.add(quantity);
        this.quoteVolume.add(value);
        if (!trade.isBuyerMaker) {
          this.takerBuyVolume.add(quantity);
          this.takerBuyQuoteVolume.add(value);
        }
        if (value > this.largest) this.largest = value;
        return value;
      }
    }
    const value = this.#addBig(1n, BigInt(price), BigInt(quantity), trade.isBuyerMaker);
    if (value > this.largest) this.largest = value;
    return value;
  }

  /**
   * Adds the trades `firstId`..`lastId` of which only their common price and total quantity are known.
   * Their single sizes are not, so `largest` leaves them out.
   */
  addRange(range: TradeFigures & { readonly lastTradeId: number }): void {
    let price = range.priceUnits;
    let quantity = range.quantityUnits;
    if (range.priceScale !== this.priceScale) price = this.#alignPrice(price, range.priceScale);
    if (range.quantityScale !== this.quantityScale) {
      quantity = this.#alignQuantity(quantity, range.quantityScale);
    }
    const trades = range.lastTradeId - range.tradeId + 1;
    this.#note(range.tradeId, range.lastTradeId, trades, price);
    this.#addBig(BigInt(trades), BigInt(price), BigInt(quantity), range.isBuyerMaker);
  }

  /** Adds the trades of `other`, which has none of the ids of this one. */
  merge(other: Figures): void {
    if (other.count === 0) return;
    if (other.priceScale > this.priceScale || other.quantityScale > this.quantityScale) {
      this.rescale(
        Math.max(this.priceScale, other.priceScale),
        Math.max(this.quantityScale, other.quantityScale),
      );
    }
    const priceShift = this.priceScale - other.priceScale;
    const quantityShift = this.quantityScale - other.quantityScale;
    const high = finer(other.high, priceShift);
    const low = finer(other.low, priceShift);
    const largest = finer(other.largest, priceShift + quantityShift);
    if (this.count === 0 || other.firstId < this.firstId) {
      this.firstId = other.firstId;
      this.open = finer(other.open, priceShift);
    }
    if (this.count === 0 || other.lastId > this.lastId) {
      this.lastId = other.lastId;
      this.close = finer(other.close, priceShift);
    }
    if (this.count === 0 || high > this.high) this.high = high;
    if (this.count === 0 || low < this.low) this.low = low;
    if (largest > this.largest) this.largest = largest;
    this.count += other.count;
    const price = 10 ** priceShift;
    const quantity = 10 ** quantityShift;
    this.volume.addSum(other.volume, quantity);
    this.takerBuyVolume.addSum(other.takerBuyVolume, quantity);
    this.quoteVolume.addSum(other.quoteVolume, price * quantity);
    this.takerBuyQuoteVolume.addSum(other.takerBuyQuoteVolume, price * quantity);
    this.priceSum.addSum(other.priceSum, price);
    this.priceSquares.addSum(other.priceSquares, price * price);
  }

  /** Brings every amount to finer scales; neither may be below the present one. */
  rescale(priceScale: number, quantityScale: number): void {
    const priceShift = priceScale - this.priceScale;
    const quantityShift = quantityScale - this.quantityScale;
    this.priceScale = priceScale;
    this.quantityScale = quantityScale;
    if (this.count === 0) return;
    this.open = finer(this.open, priceShift);
    this.high = finer(this.high, priceShift);
    this.low = finer(this.low, priceShift);
    this.close = finer(this.close, priceShift);
    this.largest = finer(this.largest, priceShift + quantityShift);
    this.volume.rescale(bigPowerOfTen(quantityShift));
    this.takerBuyVolume.rescale(bigPowerOfTen(quantityShift));
    this.quoteVolume.rescale(bigPowerOfTen(priceShift + quantityShift));
    this.takerBuyQuoteVolume.rescale(bigPowerOfTen(priceShift + quantityShift));
    this.priceSum.rescale(bigPowerOfTen(priceShift));
    this.priceSquares.rescale(bigPowerOfTen(2 * priceShift));
  }

  #note(firstId: number, lastId: number, trades: number, price: Units): void {
    if (this.count === 0) {
      this.firstId = firstId;
      this.lastId = lastId;
      this.open = price;
      this.close = price;
      this.high = price;
      this.low = price;
    } else {
      if (lastId > this.lastId) {
        this.lastId = lastId;
        this.close = price;
      }
      if (firstId < this.firstId) {
        this.firstId = firstId;
        this.open = price;
      }
      if (price > this.high) this.high = price;
      else if (price < this.low) this.low = price;
    }
    this.count += trades;
  }

  #addBig(trades: bigint, price: bigint, quantity: bigint, isBuyerMaker: boolean): bigint {
    const value = price * quantity;
    this.priceSum.addBig(trades * price);
    this.priceSquares.addBig(trades * price * price);
    this.volume.addBig(quantity);
    this.quoteVolume.addBig(value);
    if (!isBuyerMaker) {
      this.takerBuyVolume.addBig(quantity);
      this.takerBuyQuoteVolume.addBig(value);
    }
    return value;
  }

  #alignPrice(units: Units, scale: number): Units {
    if (scale > this.priceScale) {
      this.rescale(scale, this.quantityScale);
      return units;
    }
    return finer(units, this.priceScale - scale);
  }

  #alignQuantity(units: Units, scale: number): Units {
    if (scale > this.quantityScale) {
      this.rescale(this.priceScale, scale);
      return units;
    }
    return finer(units, this.quantityScale - scale);
  }
}

/** `units` × 10^`shift`, a number as long as that is exact. */
export function finer(units: Units, shift: number): Units {
  if (shift === 0) return units;
  if (typeof units === 'number') {
    const factor = POWERS_OF_TEN[shift];
    if (factor !== undefined) {
      const scaled = units * factor;
      if (scaled <= Number.MAX_SAFE_INTEGER) return scaled;
    }
  }
  const scaled = BigInt(units) * bigPowerOfTen(shift);
  return scaled <= Number.MAX_SAFE_INTEGER ? Number(scaled) : scaled;
}
