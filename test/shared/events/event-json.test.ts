import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeEvent } from '../../../shared/events/event-json.ts';
import { parseEvent } from '../../../shared/events/parse-event.ts';
import { encodeTrade } from '../../../shared/events/trade-json.ts';
import { anyEvent } from './market-events.ts';

test('what is written is read back as the same event, every digit kept', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      assert.deepEqual(parseEvent(Buffer.from(encodeEvent(event))), event);
    }),
    { numRuns: 3000 },
  );
});

test('a trade is written in the order and with the digits that the design names', () => {
  const text = encodeTrade({
    kind: 'trade',
    symbol: 'BTCUSDT',
    tradeId: 3735683259,
    price: { units: 6183763, scale: 2 },
    quantity: { units: 2, scale: 2 },
    tradeTimeUs: 1723161255342000,
    eventTimeUs: 1723161255343000,
    isBuyerMaker: true,
    receivedUs: 1723161254087897,
    source: 'live',
    raw: { partition: 0, offset: 15 },
  });
  assert.equal(
    text,
    '{"event_type":"trade","event_time_ms":1723161255343,"symbol":"BTCUSDT","trade_id":3735683259,' +
      '"price":61837.63,"quantity":0.02,"trade_time_ms":1723161255342,"is_buyer_maker":true,' +
      '"ingestion_time_ms":1723161254087.897,"latency_ms":-1255.103,"source":"live",' +
      '"raw_partition":0,"raw_offset":15}',
  );
});

test('a backfilled trade has neither event time nor latency', () => {
  const text = encodeTrade({
    kind: 'trade',
    symbol: 'BTCUSDT',
    tradeId: 1,
    price: { units: 1, scale: 8 },
    quantity: { units: 12345678901234567890n, scale: 8 },
    tradeTimeUs: 1723161255342005,
    eventTimeUs: null,
    isBuyerMaker: false,
    receivedUs: 1723161255342050,
    source: 'backfill',
    raw: { partition: 3, offset: 0 },
  });
  const json = JSON.parse(text);
  assert.equal(json.event_time_ms, null);
  assert.equal(json.latency_ms, null);
  assert.match(
    text,
    /"price":0\.00000001,"quantity":123456789012\.3456789,"trade_time_ms":1723161255342\.005,/,
  );
});

test('the order of the fields and the spaces between them do not matter to the full parse', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const fields = Object.entries(
        JSON.parse(encodeEvent(event), (_, value, context?: { source?: string }) =>
          typeof value === 'number' ? { digits: context?.source } : value,
        ),
      );
      const shuffled = JSON.stringify(Object.fromEntries(fields.reverse()), null, 1);
      const text = shuffled.replace(/\{\s*"digits": "([^"]*)"\s*\}/g, '$1');
      assert.deepEqual(parseEvent(Buffer.from(text)), event);
    }),
  );
});

test('bytes that are no validated event are refused as such and never throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const result = parseEvent(bytes);
        assert.ok(result.kind === 'refused' && result.reason === 'EVENT_INVALID');
      },
    ),
  );
});

test('a decimal that is text, or has an exponent, is refused', () => {
  const text =
    '{"event_type":"trade","event_time_ms":null,"symbol":"A","trade_id":1,"price":PRICE,"quantity":1,' +
    '"trade_time_ms":1723161255342,"is_buyer_maker":true,"ingestion_time_ms":1723161255342,' +
    '"latency_ms":null,"source":"live","raw_partition":0,"raw_offset":15}';
  const kindOf = (price: string) => parseEvent(Buffer.from(text.replace('PRICE', price))).kind;
  assert.equal(kindOf('1.5'), 'trade');
  for (const price of ['"1.5"', '15e-1', '0', '-1', 'null', '[1]', '{}', '1.123456789']) {
    assert.equal(kindOf(price), 'refused', price);
  }
});
