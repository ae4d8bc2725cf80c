import type { MarketSymbol, Micros } from '../../../shared/units.ts';
import { MINUTE_US } from '../../../shared/units.ts';
import type { StreamType } from '../recordings/recorded-item.ts';
import { parseStreamName } from '../recordings/stream-name.ts';
import { aggTradePayload, klinePayload, quotePayload, tradePayload } from './binance-json.ts';
import type { MarketMinute } from './market-events.ts';
import type { MarketFrame } from './market-frame.ts';
import type { SimulatedMarket } from './simulated-market.ts';
import type { SymbolProfile } from './symbol-profile.ts';

/** How long after an event the exchange sends it: within a millisecond trades follow quotes, aggregates follow trades. */
const SENT_AFTER_US = { bookTicker: 500, trade: 700, aggTrade: 900, kline_1m: 1_500 } as const;
const KLINE_EVERY_US = 2_000_000;

/**
 * The frames of some streams that the simulated exchange sends in (`afterUs`, `upToUs`], in the order of sending.
 * A pure function: the same span cut in any way gives the same frames.
 * @param streams names such as `btcusdt@trade`; unknown ones have no frames
 */
export function simulatedFrames(
  market: SimulatedMarket,
  streams: Iterable<string>,
  afterUs: Micros,
  upToUs: Micros,
): MarketFrame[] {
  const frames: MarketFrame[] = [];
  for (const [symbol, types] of bySymbol(streams)) {
    const profile = market.find(symbol);
    if (profile === undefined) continue;
    for (const type of types) frames.push(...streamFrames(market, profile, type, afterUs, upToUs));
  }
  return frames.sort((a, b) => a.atUs - b.atUs);
}

function bySymbol(streams: Iterable<string>): Map<MarketSymbol, StreamType[]> {
  const found = new Map<MarketSymbol, StreamType[]>();
  for (const name of [...streams].sort()) {
    const { symbol, stream } = parseStreamName(name);
    if (stream === undefined) continue;
    const types = found.get(symbol) ?? [];
    found.set(symbol, types);
    types.push(stream);
  }
  return found;
}

function streamFrames(
  market: SimulatedMarket,
  profile: SymbolProfile,
  type: StreamType,
  afterUs: Micros,
  upToUs: Micros,
): MarketFrame[] {
  const delayUs = SENT_AFTER_US[type];
  const stream = `${profile.symbol.toLowerCase()}@${type}`;
  const events = <Event extends { readonly timeUs: Micros }>(
    kind: (minute: MarketMinute) => readonly Event[],
  ): Event[] => market.between(profile, afterUs - delayUs, upToUs - delayUs, kind);
  switch (type) {
    case 'bookTicker':
      return events((minute) => minute.quotes).map((quote) => ({
        stream,
        atUs: quote.timeUs + delayUs,
        payload: () => quotePayload(profile, quote),
      }));
    case 'trade':
      return events((minute) => minute.trades).map((trade) => ({
        stream,
        atUs: trade.timeUs + delayUs,
        payload: (unit, aheadUs) => tradePayload(profile, trade, trade.timeUs + delayUs + aheadUs, unit),
      }));
    case 'aggTrade':
      return events((minute) => minute.aggTrades).map((trade) => ({
        stream,
        atUs: trade.timeUs + delayUs,
        payload: (unit, aheadUs) => aggTradePayload(profile, trade, trade.timeUs + delayUs + aheadUs, unit),
      }));
    case 'kline_1m':
      return klineFrames(market, profile, stream, afterUs, upToUs);
  }
}

/** The running candle every two seconds in which it changed, and each minute's closed candle at its end. */
function klineFrames(
  market: SimulatedMarket,
  profile: SymbolProfile,
  stream: string,
  afterUs: Micros,
  upToUs: Micros,
): MarketFrame[] {
  const delayUs = SENT_AFTER_US.kline_1m;
  const traded = (sinceUs: Micros, upTo: Micros): boolean =>
    market.between(profile, sinceUs, upTo, (minute) => minute.trades).length > 0;
  const frames: MarketFrame[] = [];
  const first = Math.floor((afterUs - delayUs) / KLINE_EVERY_US) + 1;
  for (let stepUs = first * KLINE_EVERY_US; stepUs + delayUs <= upToUs; stepUs += KLINE_EVERY_US) {
    const closed = stepUs % MINUTE_US === 0;
    const openUs = closed ? stepUs - MINUTE_US : Math.floor(stepUs / MINUTE_US) * MINUTE_US;
    if (!closed && !traded(stepUs - KLINE_EVERY_US - 1, stepUs - 1)) continue;
    const atUs = stepUs + delayUs;
    frames.push({
      stream,
      atUs,
      payload: (unit, aheadUs) =>
        klinePayload(profile, market.kline(profile, openUs, 1, stepUs - 1), closed, atUs + aheadUs, unit),
    });
  }
  return frames;
}
