import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ascii, ByteCursor } from '../../shared/byte-cursor.ts';
import { parseDecimal } from '../../shared/decimal.ts';

const cursor = new ByteCursor();

/** The cursor at the beginning of a text that stands somewhere in a larger block. */
function over(text: string | Uint8Array): ByteCursor {
  const bytes = Buffer.concat([Buffer.from('9'), Buffer.from(text), Buffer.from('9')]);
  cursor.open(bytes, 1, bytes.length - 1);
  return cursor;
}

test('a literal is only itself, whichever byte differs', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
        minLength: 1,
        maxLength: 40,
      }),
      fc.nat(),
      fc.nat(255),
      (text, place, byte) => {
        const literal = ascii(text);
        assert.ok(over(text).literal(literal) && cursor.isAtEnd());
        assert.equal(over(text.slice(1)).literal(literal), false);
        const changed = Buffer.from(text);
        changed[place % changed.length] = byte;
        assert.equal(over(changed).literal(literal), changed.equals(Buffer.from(text)));
      },
    ),
    { numRuns: 2000 },
  );
});

test('a literal is not mistaken for bytes that are no number', () => {
  const literal = ascii('12345678');
  for (const byte of [0x00, 0x7f, 0x80, 0xff])
    assert.equal(over(Buffer.alloc(8, byte)).literal(literal), false);
});

test('an integer is what JSON takes for one, up to 2^53 - 1', () => {
  const integers: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['7,', 7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', -1],
    ['9999999999999999', -1],
    ['01', -1],
    ['-1', -1],
    ['', -1],
    ['x', -1],
  ];
  for (const [text, value] of integers) assert.equal(over(text).integer(), value, text);
});

test('a decimal is read as the parser of text reads it, or not at all', () => {
  const decimal = fc
    .tuple(fc.nat(), fc.option(fc.string({ unit: fc.constantFrom(...'0012345'), maxLength: 17 })))
    .map(([whole, fraction]) => `${whole}${fraction === null ? '' : `.${fraction}`}`);
  let read = 0;
  fc.assert(
    fc.property(decimal, (text) => {
      if (!over(text).decimal()) return;
      read += 1;
      assert.deepEqual({ units: cursor.units, scale: cursor.scale }, parseDecimal(text), text);
      assert.ok(cursor.isAtEnd());
    }),
    { numRuns: 2000 },
  );
  assert.ok(read > 500);
  for (const text of ['', '.', '.5', '5.', '1234567890123456', '0.12345678901234567']) {
    assert.equal(over(text).decimal(), false, text);
  }
});

test('a JSON decimal has no zero before another digit, text may have one', () => {
  assert.ok(over('01.50').decimal());
  assert.deepEqual([cursor.units, cursor.scale], [15, 1]);
  assert.equal(over('01.50').jsonDecimal(), false);
  assert.ok(over('0.50').jsonDecimal() && cursor.isAtEnd());
});

test('milliseconds are whole or have exactly three decimals', () => {
  const millis: readonly (readonly [string, number])[] = [
    ['1723161255342', 1723161255342000],
    ['1723161255342.000', 1723161255342000],
    ['1723161255342.897', 1723161255342897],
    ['1723161255342.89', -1],
    ['1723161255342.', -1],
    ['9007199254740991', -1],
  ];
  for (const [text, us] of millis) assert.equal(over(text).millisUs(), us, text);
  assert.ok(over('-1255.103').skipMillis() && cursor.isAtEnd());
});

test('a symbol is capitals and digits before a closing quote', () => {
  assert.equal(over('1000SATSUSDT"').symbol(), '1000SATSUSDT');
  for (const text of ['', '"', 'btcusdt"', 'BTC', 'BTC USDT"', `${'A'.repeat(33)}"`]) {
    assert.equal(over(text).symbol(), undefined, text);
  }
});
