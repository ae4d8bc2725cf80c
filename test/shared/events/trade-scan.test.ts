import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeAggTrade } from '../../../shared/events/agg-trade-json.ts';
import { scanAggTrade } from '../../../shared/events/agg-trade-scan.ts';
import { parseEvent, parseWhole } from '../../../shared/events/parse-event.ts';
import { encodeQuote } from '../../../shared/events/quote-json.ts';
import { newQuoteScan, type QuoteScan, scanQuote } from '../../../shared/events/quote-scan.ts';
import { encodeTrade } from '../../../shared/events/trade-json.ts';
import { newTradeScan, scanTrade, type TradeScan } from '../../../shared/events/trade-scan.ts';
import { damage, damaged } from './damage.ts';
import { anyAggTrade, anyQuote, anyTrade } from './market-events.ts';

/** What a scan says, as the event that the full parse makes. */
function asTrade(scan: TradeScan) {
  return {
    kind: 'trade',
    symbol: scan.symbol,
    tradeId: scan.tradeId,
    price: { units: scan.priceUnits, scale: scan.priceScale },
    quantity: { units: scan.quantityUnits, scale: scan.quantityScale },
    tradeTimeUs: scan.tradeTimeUs,
    eventTimeUs: scan.eventTimeUs === -1 ? null : scan.eventTimeUs,
    isBuyerMaker: scan.isBuyerMaker,
    receivedUs: scan.receivedUs,
    source: scan.source,
    raw: { partition: scan.rawPartition, offset: scan.rawOffset },
  };
}

function asQuote(scan: QuoteScan) {
  return {
    kind: 'quote',
    symbol: scan.symbol,
    updateId: scan.updateId,
    bid: { units: scan.bidUnits, scale: scan.bidScale },
    bidQuantity: { units: scan.bidQuantityUnits, scale: scan.bidQuantityScale },
    ask: { units: scan.askUnits, scale: scan.askScale },
    askQuantity: { units: scan.askQuantityUnits, scale: scan.askQuantityScale },
    receivedUs: scan.receivedUs,
    source: scan.source,
    raw: { partition: scan.rawPartition, offset: scan.rawOffset },
  };
}

const isShort = (...figures: readonly { units: number | bigint }[]) =>
  figures.every(({ units }) => String(units).length <= 15);

test('a written trade with short figures and an ASCII symbol is scanned, wherever it stands in a block', () => {
  const into = newTradeScan();
  fc.assert(
    fc.property(anyTrade, fc.nat(20), fc.nat(20), (trade, before, after) => {
      const text = Buffer.from(encodeTrade(trade));
      const bytes = Buffer.concat([Buffer.alloc(before, '{'), text, Buffer.alloc(after, '}')]);
      const isScanned = scanTrade(bytes, before, before + text.length, into);
      assert.equal(isScanned, isShort(trade.price, trade.quantity) && /^[A-Z0-9]+$/.test(trade.symbol));
      if (isScanned) assert.deepEqual(asTrade(into), trade);
    }),
    { numRuns: 3000 },
  );
});

test('whatever the trade scan accepts, the full parse reads the same', () => {
  const into = newTradeScan();
  let accepted = 0;
  fc.assert(
    fc.property(anyTrade, damage, (trade, change) => {
      const bytes = Buffer.from(damaged(encodeTrade(trade), change));
      if (!scanTrade(bytes, 0, bytes.length, into)) return;
      accepted += 1;
      assert.deepEqual(asTrade(into), parseEvent(bytes), bytes.toString());
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 100, `only ${accepted} damaged trades were accepted`);
});

test('whatever the quote scan accepts, the full parse reads the same', () => {
  const into = newQuoteScan();
  let accepted = 0;
  fc.assert(
    fc.property(anyQuote, fc.option(damage), (quote, change) => {
      const text = encodeQuote(quote);
      const bytes = Buffer.from(change === null ? text : damaged(text, change));
      const isScanned = scanQuote(bytes, 0, bytes.length, into);
      if (change === null) {
        const { bid, bidQuantity, ask, askQuantity } = quote;
        assert.equal(
          isScanned,
          isShort(bid, bidQuantity, ask, askQuantity) && /^[A-Z0-9]+$/.test(quote.symbol),
        );
      }
      if (!isScanned) return;
      accepted += 1;
      assert.deepEqual(asQuote(into), parseEvent(bytes), bytes.toString());
    }),
    { numRuns: 10_000 },
  );
  assert.ok(accepted > 100, `only ${accepted} quotes were accepted`);
});

test('whatever the scan of an aggregate accepts, the full parse reads the same', () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyAggTrade, fc.option(damage), (aggTrade, change) => {
      const text = encodeAggTrade(aggTrade);
      const bytes = Buffer.from(change === null ? text : damaged(text, change));
      const scanned = scanAggTrade(bytes);
      if (change === null && isShort(aggTrade.price, aggTrade.quantity)) {
        assert.equal(scanned !== undefined, /^[A-Z0-9]+$/.test(aggTrade.symbol));
      }
      if (scanned === undefined) return;
      accepted += 1;
      assert.deepEqual(scanned, parseWhole(bytes), bytes.toString());
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 1000, `only ${accepted} aggregates were accepted`);
});

test('the same symbol is one string, and symbols of one hash do not mix', () => {
  const into = newTradeScan();
  const read = (symbol: string) => {
    const [trade] = fc.sample(anyTrade, { numRuns: 1, seed: 1 });
    assert.ok(trade);
    const bytes = Buffer.from(
      encodeTrade({ ...trade, symbol, price: { units: 1, scale: 0 }, quantity: { units: 1, scale: 0 } }),
    );
    assert.ok(scanTrade(bytes, 0, bytes.length, into));
    return into.symbol;
  };
  for (const symbol of ['BTCUSDT', 'ETHUSDT', 'BTCUSDT', 'A1', 'BTCUSDT']) assert.equal(read(symbol), symbol);
  for (let number = 0; number < 3000; number += 1) assert.equal(read(`S${number}`), `S${number}`);
});
