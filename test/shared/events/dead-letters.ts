import fc from 'fast-check';
import type { DeadLetter } from '../../../shared/events/dead-letter.ts';
import { REASONS } from '../../../shared/events/reasons.ts';
import { anyId } from './market-events.ts';

const millis = fc.integer({ min: 1_500_000_000_000_000, max: 1_900_000_000_000_000 }).map((us) => us / 1000);

/** Dead letters with any payload: bytes, and text of all scripts. */
export const anyDeadLetter: fc.Arbitrary<DeadLetter> = fc.record(
  {
    reason: fc.constantFrom(...Object.keys(REASONS)),
    error: fc.string({ unit: 'grapheme', minLength: 1 }),
    topic: fc.constantFrom('binance.raw.trades', 'binance.raw.quotes'),
    partition: fc.nat(5),
    offset: anyId,
    key: fc.option(fc.constantFrom('BTCUSDT', '币安人生USDT', '')),
    receivedMs: millis,
    refusedMs: millis.map(Math.floor),
    attempts: fc.integer({ min: 1, max: 10 }),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.string({ unit: 'binary', maxLength: 1000 }).map((text) => Buffer.from(text)),
    ),
  },
  { noNullPrototype: true },
);
