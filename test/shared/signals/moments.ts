import type { QuoteMoment } from '../../../shared/signals/quote-moment.ts';
import type { TradeMoment } from '../../../shared/signals/trade-moment.ts';

/** A trade as these tests write it. */
export interface PlainTrade {
  readonly id: number;
  readonly timeUs: number;
  readonly price: number;
  readonly quantity: number;
  readonly isBuyerMaker?: boolean;
}

interface PaneClosed {
  readonly startUs: number;
  readonly volume: number;
}

/** Folds trades the slow and plain way: every figure from the whole list of its window, in doubles. */
export function* tradeMoments(
  trades: readonly PlainTrade[],
): Generator<{ readonly moment: TradeMoment; readonly closed: PaneClosed | undefined }> {
  const panes = new Map<number, PlainTrade[]>();
  let newest = -1;
  for (const trade of trades) {
    const pane = trade.timeUs - (trade.timeUs % 10_000_000);
    const closed =
      pane > newest && newest >= 0 ? { startUs: newest, volume: sum(panes.get(newest) ?? []) } : undefined;
    newest = Math.max(newest, pane);
    const inPane = panes.get(pane) ?? [];
    panes.set(pane, inPane);
    inPane.push(trade);
    const minute = trade.timeUs - (trade.timeUs % 60_000_000);
    const inMinute = range(panes, minute, minute + 60_000_000);
    const sliding = range(panes, newest - 120_000_000, newest);
    const minuteFigures = figures(inMinute);
    const slidingFigures = figures(sliding);
    yield {
      closed,
      moment: {
        tradeId: trade.id,
        tradeTimeUs: trade.timeUs,
        price: trade.price,
        quantity: trade.quantity,
        quoteValue: trade.price * trade.quantity,
        isBuyerMaker: trade.isBuyerMaker ?? false,
        paneStartUs: pane,
        paneVolume: sum(inPane),
        minuteStartUs: minute,
        minuteTrades: inMinute.length,
        minuteMean: minuteFigures.mean,
        minuteStddev: minuteFigures.stddev,
        minuteTakerBuyVolume: sum(inMinute.filter((item) => item.isBuyerMaker !== true)),
        minuteTakerSellVolume: sum(inMinute.filter((item) => item.isBuyerMaker === true)),
        slidingMean: slidingFigures.mean,
        slidingStddev: slidingFigures.stddev,
        slidingTrades: sliding.length,
      },
    };
  }
}

/** A quote as these tests write it. */
export interface PlainQuote {
  readonly id: number;
  readonly timeUs: number;
  readonly bid: number;
  readonly ask: number;
}

/** Folds quotes the plain way into 30 s windows. */
export function* quoteMoments(quotes: readonly PlainQuote[]): Generator<QuoteMoment> {
  const windows = new Map<number, { min: number; max: number; bps: number; count: number }>();
  for (const quote of quotes) {
    const start = quote.timeUs - (quote.timeUs % 30_000_000);
    const spread = Number((quote.ask - quote.bid).toFixed(8));
    const bps = (spread / ((quote.ask + quote.bid) / 2)) * 10_000;
    const window = windows.get(start) ?? { min: spread, max: spread, bps, count: 0 };
    windows.set(start, window);
    window.min = Math.min(window.min, spread);
    window.max = Math.max(window.max, spread);
    window.bps = Math.max(window.bps, bps);
    window.count += 1;
    yield {
      updateId: quote.id,
      receivedUs: quote.timeUs,
      spread,
      spreadBps: bps,
      windowStartUs: start,
      windowMinSpread: window.min,
      windowMaxSpread: window.max,
      windowMaxBps: window.bps,
      windowUpdates: window.count,
    };
  }
}

function range(panes: ReadonlyMap<number, PlainTrade[]>, from: number, to: number): PlainTrade[] {
  const found: PlainTrade[] = [];
  for (let start = from; start < to; start += 10_000_000) {
    for (const trade of panes.get(start) ?? []) found.push(trade);
  }
  return found;
}

function sum(trades: readonly PlainTrade[]): number {
  let total = 0;
  for (const trade of trades) total += trade.quantity;
  return total;
}

function figures(trades: readonly PlainTrade[]): { readonly mean: number; readonly stddev: number } {
  if (trades.length === 0) return { mean: Number.NaN, stddev: Number.NaN };
  let total = 0;
  for (const trade of trades) total += trade.price;
  const mean = total / trades.length;
  let squares = 0;
  for (const trade of trades) squares += (trade.price - mean) ** 2;
  return { mean, stddev: trades.length < 2 ? Number.NaN : Math.sqrt(squares / (trades.length - 1)) };
}
