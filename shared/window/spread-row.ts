import { formatUnits } from '../decimal.ts';
import { bigPowerOfTen } from '../exact/powers.ts';
import { roundQuotient } from '../exact/rounding.ts';
import type { Column, ColumnType, Row } from '../row.ts';
import { isSpreadWarning } from '../signals/rules.ts';
import type { Thresholds } from '../signals/thresholds.ts';
import type { MarketSymbol } from '../units.ts';
import { rowVersion } from './row-version.ts';
import { BPS_SCALE, SPREAD_RESOLUTION, type SpreadWindow } from './spread-window.ts';
import type { StoredQuote } from './stored-quote.ts';
import { uniqueTimeNs } from './trade-row.ts';

/** The row of table `spreads`: means, extremes and the last quote of a window. */
export function spreadRow(
  symbol: MarketSymbol,
  due: { readonly window: SpreadWindow; readonly final: boolean; readonly sequence: number },
  thresholds: Thresholds,
  epoch: number,
): Row {
  const { window, final, sequence } = due;
  const columns: Column[] = [];
  const put = (name: string, type: ColumnType, value: string | number | boolean): void => {
    columns.push({ name, type, value: String(value) });
  };
  const updates = BigInt(window.count);
  const mean = (sum: bigint, scale: number): number => roundQuotient(sum, updates * bigPowerOfTen(scale));
  put('avg_spread', 'DOUBLE', mean(window.spreadSum.value(), window.scale));
  put('min_spread', 'DOUBLE', formatUnits(window.minSpread, window.scale));
  put('max_spread', 'DOUBLE', formatUnits(window.maxSpread, window.scale));
  put('avg_spread_bps', 'DOUBLE', mean(window.bpsSum.value(), BPS_SCALE));
  put('min_spread_bps', 'DOUBLE', formatUnits(window.minBps, BPS_SCALE));
  put('max_spread_bps', 'DOUBLE', formatUnits(window.maxBps, BPS_SCALE));
  put('update_count', 'BIGINT', window.count);
  put('last_bid', 'DOUBLE', formatUnits(window.lastBid, window.scale));
  put('last_ask', 'DOUBLE', formatUnits(window.lastAsk, window.scale));
  const isWide = isSpreadWarning(Number(window.maxSpread), Number(window.minSpread), thresholds);
  put('spread_warning', 'BOOLEAN', isWide);
  put('coverage', 'VARCHAR', window.isPartial ? 'partial' : 'complete');
  put('final', 'BOOLEAN', final);
  return {
    table: 'spreads',
    dimensions: [
      ['symbol', symbol],
      ['resolution', SPREAD_RESOLUTION],
    ],
    timeNs: `${window.startUs}000`,
    version: rowVersion(epoch, sequence, final),
    columns,
  };
}

/** The row of table `quotes`, its time made unique from the update id; `received_us` is the real time. */
export function quoteRow(quote: StoredQuote, epoch: number): Row {
  return {
    table: 'quotes',
    dimensions: [['symbol', quote.symbol]],
    timeNs: uniqueTimeNs(quote.receivedUs, quote.updateId),
    version: rowVersion(epoch, 0, true),
    columns: [
      { name: 'update_id', type: 'BIGINT', value: String(quote.updateId) },
      { name: 'bid', type: 'DOUBLE', value: formatUnits(quote.bidUnits, quote.bidScale) },
      {
        name: 'bid_quantity',
        type: 'DOUBLE',
        value: formatUnits(quote.bidQuantityUnits, quote.bidQuantityScale),
      },
      { name: 'ask', type: 'DOUBLE', value: formatUnits(quote.askUnits, quote.askScale) },
      {
        name: 'ask_quantity',
        type: 'DOUBLE',
        value: formatUnits(quote.askQuantityUnits, quote.askQuantityScale),
      },
      { name: 'received_us', type: 'BIGINT', value: String(quote.receivedUs) },
    ],
  };
}
