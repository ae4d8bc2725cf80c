import fc from 'fast-check';
import { parseDecimal } from '../../../shared/decimal.ts';
import type { MarketEvent } from '../../../shared/events/market-event.ts';
import type { Tick } from '../../../shared/events/tick.ts';
import type { Trade } from '../../../shared/events/trade.ts';

const START_US = Date.UTC(2026, 10, 20, 11, 58) * 1000;

/** What happens at a trade: it comes late, twice, behind a told gap, or beside a quote or a tick. */
const FATES = ['plain', 'plain', 'plain', 'late', 'twice', 'gap', 'quote', 'tick'] as const;

/** What happens to the quotes: their socket was lost and is open again, or ingest was started again. */
const INTERRUPTIONS = ['lost', 'start'] as const;

interface Step {
  readonly price: number;
  readonly quantity: number;
  readonly gapMs: number;
  readonly maker: boolean;
  readonly fate: (typeof FATES)[number] | (typeof INTERRUPTIONS)[number];
  readonly delay: number;
}

/** A market as the log of validated events holds it: two symbols, late and doubled trades, gaps, quotes, ticks. */
export const marketLog: fc.Arbitrary<readonly MarketEvent[]> = marketOf(FATES);

/** The same, in which the watch of the quotes is interrupted. */
export const interruptedMarketLog: fc.Arbitrary<readonly MarketEvent[]> = marketOf([
  ...FATES,
  ...INTERRUPTIONS,
]);

function marketOf(fates: readonly Step['fate'][]): fc.Arbitrary<readonly MarketEvent[]> {
  const step: fc.Arbitrary<Step> = fc.record({
    price: fc.integer({ min: 9_000_000, max: 9_100_000 }),
    quantity: fc.integer({ min: 1, max: 500_000 }),
    gapMs: fc.oneof(fc.nat(400), fc.nat(30_000), fc.nat(300_000)),
    maker: fc.boolean(),
    fate: fc.constantFrom(...fates),
    delay: fc.integer({ min: 1, max: 40 }),
  });
  const one = fc.array(step, { minLength: 1, maxLength: 120, size: 'max' });
  const two = fc.array(step, { maxLength: 30, size: 'max' });
  return fc.tuple(one, two).map(([first, second]) => {
    const busy = symbolLog('BTCUSDT', first);
    const calm = symbolLog('ETHUSDT', second);
    return busy
      .flatMap((event, at) => [event, ...(calm[at] === undefined ? [] : [calm[at]])])
      .concat(calm.slice(busy.length));
  });
}

function symbolLog(symbol: string, steps: readonly Step[]): MarketEvent[] {
  const log: { at: number; event: MarketEvent }[] = [];
  let timeUs = START_US;
  let previousUs = START_US;
  log.push({ at: -1, event: tick(symbol, { timeUs, beganUs: timeUs }) });
  steps.forEach((step, at) => {
    previousUs = timeUs;
    timeUs += step.gapMs * 1000;
    const event = trade(symbol, 1_000 + at, timeUs, step);
    if (step.fate === 'late') {
      log.push({ at: at + step.delay, event: { ...event, source: 'backfill', eventTimeUs: null } });
      return;
    }
    log.push({ at, event });
    if (step.fate === 'twice') log.push({ at: at + step.delay, event });
    if (step.fate === 'lost' || step.fate === 'start') {
      const endedUs = step.fate === 'lost' ? previousUs : null;
      log.push({ at, event: tick(symbol, { timeUs, endedUs, beganUs: timeUs, feed: 'quotes' }) });
    }
    if (step.fate === 'quote' || step.fate === 'lost')
      log.push({ at, event: quote(symbol, 50 + at, timeUs, step) });
    if (step.fate === 'tick') log.push({ at, event: tick(symbol, { timeUs }) });
    if (step.fate === 'gap' && at > 0) {
      const gap = { from: 900 - 2 * at, to: 900 - 2 * at, beforeUs: previousUs, afterUs: timeUs };
      log.push({ at, event: tick(symbol, { timeUs, gap: { ...gap, state: 'open' } }) });
      log.push({ at: at + step.delay, event: tick(symbol, { timeUs, gap: { ...gap, state: 'filled' } }) });
    }
  });
  log.push({ at: Number.MAX_SAFE_INTEGER, event: tick(symbol, { timeUs, endedUs: timeUs }) });
  log.push({ at: Number.MAX_SAFE_INTEGER, event: tick(symbol, { timeUs, endedUs: timeUs, feed: 'quotes' }) });
  return log.sort((a, b) => a.at - b.at).map(({ event }) => event);
}

function trade(symbol: string, tradeId: number, tradeTimeUs: number, step: Step): Trade {
  return {
    kind: 'trade',
    symbol,
    tradeId,
    price: decimal(`${step.price}e-2`),
    quantity: decimal(`${step.quantity}e-5`),
    tradeTimeUs,
    eventTimeUs: tradeTimeUs + 1000,
    isBuyerMaker: step.maker,
    receivedUs: tradeTimeUs + 5_000,
    source: 'live',
    raw: { partition: 0, offset: tradeId },
  };
}

function quote(symbol: string, updateId: number, receivedUs: number, step: Step): MarketEvent {
  return {
    kind: 'quote',
    symbol,
    updateId,
    bid: decimal(`${step.price}e-2`),
    bidQuantity: decimal('1e0'),
    ask: decimal(`${step.price + step.delay}e-2`),
    askQuantity: decimal('1e0'),
    receivedUs,
    source: 'live',
    raw: { partition: 0, offset: updateId },
  };
}

function tick(symbol: string, fields: Partial<Tick>): MarketEvent {
  return {
    kind: 'tick',
    symbol,
    feed: 'trades',
    timeUs: 0,
    contiguousId: null,
    gap: null,
    beganUs: null,
    endedUs: null,
    receivedUs: fields.timeUs ?? 0,
    source: 'live',
    raw: { partition: 0, offset: 0 },
    ...fields,
  };
}

function decimal(text: string) {
  const [units = '0', exponent = '0'] = text.split('e');
  const scale = -Number(exponent);
  const digits = units.padStart(scale + 1, '0');
  const value = parseDecimal(scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`);
  if (value === undefined) throw new Error(`no decimal: ${text}`);
  return value;
}
