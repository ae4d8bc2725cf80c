import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkKline } from '../../../shared/certificate/check-kline.ts';
import { type Decimal, parseDecimal } from '../../../shared/decimal.ts';

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  assert.ok(value);
  return value;
}

const KLINE = {
  open: decimal('61828.00'),
  high: decimal('61860.80'),
  low: decimal('61583.22'),
  close: decimal('61685.99'),
  volume: decimal('199.42863'),
  quoteVolume: decimal('12304668.0254055'),
  tradeCount: 8_863,
  takerBuyVolume: decimal('90.18301'),
  takerBuyQuoteVolume: decimal('5563967.3332507'),
  firstTradeId: 5,
  lastTradeId: 8_867,
};

const ROW: Readonly<Record<string, unknown>> = {
  open: 61828,
  high: 61860.8,
  low: 61583.22,
  close: 61685.99,
  volume_exact: '199.42863',
  quote_volume_exact: '12304668.0254055',
  taker_buy_volume_exact: '90.18301',
  taker_buy_quote_volume_exact: '5563967.3332507',
  trade_count: 8_863,
  first_trade_id: 5,
  last_trade_id: 8_867,
};

test('a stored candle with the exchange’s figures is equal, also where the kline names no ids', () => {
  assert.equal(checkKline(ROW, KLINE), 'equal');
  assert.equal(checkKline(ROW, { ...KLINE, firstTradeId: null, lastTradeId: null }), 'equal');
});

test('a difference in any one field is found', () => {
  for (const name of Object.keys(ROW)) {
    const value = ROW[name];
    const other = typeof value === 'string' ? `${value}9` : Number(value) + 1;
    const verdict = checkKline({ ...ROW, [name]: other }, KLINE);
    const isQuoteSum = name.includes('quote');
    assert.equal(verdict, isQuoteSum ? 'rounding' : 'differs', name);
    assert.equal(checkKline({ ...ROW, [name]: null }, KLINE), 'differs', name);
  }
  assert.equal(checkKline({ ...ROW, quote_volume_exact: '12304668.1254055' }, KLINE), 'differs');
});
