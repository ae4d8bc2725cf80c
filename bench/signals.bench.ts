import type { Signal } from '../shared/events/signal.ts';
import { thresholdsFor } from '../shared/signals/thresholds.ts';
import type { TradeMoment } from '../shared/signals/trade-moment.ts';
import { TradeSignals } from '../shared/signals/trade-signals.ts';

/** What a call of `TradeSignals.onTrade` costs where nothing fires. Run: `node bench/signals.bench.ts`. */
const CALLS = 20_000_000;

const moment: TradeMoment = {
  tradeId: 0,
  tradeTimeUs: 0,
  price: 61_800,
  quantity: 0.01,
  quoteValue: 618,
  isBuyerMaker: false,
  paneStartUs: 0,
  paneVolume: 5,
  minuteStartUs: 0,
  minuteTrades: 500,
  minuteMean: 61_800,
  minuteStddev: 1.2,
  minuteTakerBuyVolume: 20,
  minuteTakerSellVolume: 10,
  slidingMean: 61_800,
  slidingStddev: 3,
  slidingTrades: 900,
};

const signals = new TradeSignals('BTCUSDT', thresholdsFor('BTCUSDT'));
const out: Signal[] = [];
let startUs = 1_723_161_240_000_000;
for (const name of ['warm-up', 'measured']) {
  const start = process.hrtime.bigint();
  for (let call = 0; call < CALLS; call += 1) {
    const timeUs = startUs + call * 20_000;
    moment.tradeId = call;
    moment.tradeTimeUs = timeUs;
    moment.price = 61_800 + (call & 7);
    moment.paneStartUs = timeUs - (timeUs % 10_000_000);
    moment.minuteStartUs = timeUs - (timeUs % 60_000_000);
    moment.minuteStddev = 1 + (call & 3) / 8;
    signals.onTrade(moment, out);
  }
  startUs += CALLS * 20_000;
  const elapsedNs = Number(process.hrtime.bigint() - start);
  console.log(`${name}: ${(elapsedNs / CALLS).toFixed(1)} ns a call, ${out.length} signals`);
}
