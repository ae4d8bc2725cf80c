import { formatUnits } from '../decimal.ts';
import type { ExactSum } from '../exact/exact-sum.ts';
import { bigPowerOfTen } from '../exact/powers.ts';
import { roundQuotient, roundRoot } from '../exact/rounding.ts';
import type { Column, ColumnType, Row } from '../row.ts';
import { isVolatile, isVolumeSpike } from '../signals/rules.ts';
import type { Thresholds } from '../signals/thresholds.ts';
import type { MarketSymbol } from '../units.ts';
import type { Audit } from './audit.ts';
import type { Figures } from './figures.ts';
import type { Provenance } from './provenance.ts';
import { PANE_US } from './resolution.ts';
import { rowVersion } from './row-version.ts';

/** Thresholds of the flags in a candle's row, both rules on the row's own figures; infinite where they are off. */
export type CandleFlags = Pick<Thresholds, 'volatilityStddev' | 'volumeSpike'>;

/** All that a candle's row is made of. */
export interface Candle {
  readonly symbol: MarketSymbol;
  readonly resolution: string;
  readonly startPane: number;
  readonly figures: Figures;
  readonly whales: number;
  readonly provenance: Provenance;
  readonly audit: Audit;
  readonly final: boolean;
  /** The sequence number of the event that last changed the row. */
  readonly sequence: number;
}

/** The row of table `candles`: columns and types as CONTRACTS section 5 names them. */
export function candleRow(candle: Candle, flags: CandleFlags, epoch: number): Row {
  const columns: Column[] = [];
  const put = (name: string, type: ColumnType, value: string | number | boolean): void => {
    columns.push({ name, type, value: String(value) });
  };
  marketColumns(candle, flags, put);
  put('coverage', 'VARCHAR', candle.provenance.coverage);
  put('final', 'BOOLEAN', candle.final);
  put('revision', 'BIGINT', candle.provenance.revision);
  if (candle.provenance.reason !== null) put('reason', 'VARCHAR', candle.provenance.reason);
  put('audit', 'VARCHAR', candle.audit);
  return {
    table: 'candles',
    dimensions: [
      ['symbol', candle.symbol],
      ['resolution', candle.resolution],
    ],
    timeNs: `${candle.startPane * PANE_US}000`,
    version: rowVersion(epoch, candle.sequence, candle.final),
    columns,
  };
}

type Put = (name: string, type: ColumnType, value: string | number | boolean) => void;

function marketColumns(candle: Candle, flags: CandleFlags, put: Put): void {
  const { figures } = candle;
  const { priceScale, quantityScale, count } = figures;
  const quoteScale = priceScale + quantityScale;
  put('open', 'DOUBLE', formatUnits(figures.open, priceScale));
  put('high', 'DOUBLE', formatUnits(figures.high, priceScale));
  put('low', 'DOUBLE', formatUnits(figures.low, priceScale));
  put('close', 'DOUBLE', formatUnits(figures.close, priceScale));
  const volume = sumColumns('volume', figures.volume, quantityScale, put);
  const quoteVolume = sumColumns('quote_volume', figures.quoteVolume, quoteScale, put);
  const takerBuy = sumColumns('taker_buy_volume', figures.takerBuyVolume, quantityScale, put);
  sumColumns('taker_buy_quote_volume', figures.takerBuyQuoteVolume, quoteScale, put);
  put('trade_count', 'BIGINT', count);
  put('first_trade_id', 'BIGINT', figures.firstId);
  put('last_trade_id', 'BIGINT', figures.lastId);
  put('vwap', 'DOUBLE', roundQuotient(quoteVolume, volume * bigPowerOfTen(priceScale)));
  const priceSum = figures.priceSum.value();
  const trades = BigInt(count);
  put('avg_price', 'DOUBLE', roundQuotient(priceSum, trades * bigPowerOfTen(priceScale)));
  const deviation = sampleDeviation(figures);
  if (deviation !== undefined) put('price_stddev', 'DOUBLE', deviation);
  const takerSell = volume - takerBuy;
  if (takerSell > 0n) put('buy_sell_ratio', 'DOUBLE', roundQuotient(takerBuy, takerSell));
  if (candle.provenance.coverage !== 'repaired-aggregate') {
    put('largest_trade', 'DOUBLE', formatUnits(figures.largest, quoteScale));
    put('whale_count', 'BIGINT', candle.whales);
  }
  put('volatility_alert', 'BOOLEAN', deviation !== undefined && isVolatile(deviation, flags));
  put('volume_spike', 'BOOLEAN', isVolumeSpike(Number(formatUnits(volume, quantityScale)), flags));
}

/** The sample standard deviation of the prices; undefined for fewer than two trades. */
export function sampleDeviation(figures: Figures): number | undefined {
  if (figures.count < 2) return undefined;
  const trades = BigInt(figures.count);
  const sum = figures.priceSum.value();
  const spread = trades * figures.priceSquares.value() - sum * sum;
  return roundRoot(spread, trades * (trades - 1n) * bigPowerOfTen(2 * figures.priceScale));
}

function sumColumns(name: string, sum: ExactSum, scale: number, put: Put): bigint {
  const value = sum.value();
  const text = formatUnits(value, scale);
  put(name, 'DOUBLE', text);
  put(`${name}_exact`, 'VARCHAR', text);
  return value;
}
