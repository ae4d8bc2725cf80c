import type { AggTrade } from './agg-trade.ts';
import type { Kline } from './kline.ts';
import type { Quote } from './quote.ts';
import type { Tick } from './tick.ts';
import type { Trade } from './trade.ts';

/** Everything that validate lets through. */
export type MarketEvent = Trade | AggTrade | Kline | Quote | Tick;
