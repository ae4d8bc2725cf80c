import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareDecimal, type Decimal, formatDecimal, parseDecimal, unitsAt } from '../../shared/decimal.ts';

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength });
const plainText = fc
  .tuple(fc.constantFrom('', '-'), digits(1, 30), fc.option(digits(1, 16)))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);

/** The same figure, reckoned by bigint alone. */
function exactly(text: string): { units: bigint; scale: number } {
  const [whole = '', fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '');
  return {
    units: BigInt(whole.replace('-', '') + kept) * (text.startsWith('-') ? -1n : 1n),
    scale: kept.length,
  };
}

function parsed(text: string): Decimal {
  const value = parseDecimal(text);
  assert.ok(value !== undefined, text);
  return value;
}

test('a plain decimal is read exactly, however many digits it has', () => {
  fc.assert(
    fc.property(plainText, (text) => {
      const value = parsed(text);
      const expected = exactly(text);
      assert.equal(BigInt(value.units), expected.units);
      assert.equal(value.scale, expected.scale);
      assert.equal(typeof value.units === 'number', Math.abs(Number(value.units)) <= Number.MAX_SAFE_INTEGER);
    }),
    { numRuns: 2000 },
  );
});

test('the units are a number up to 2^53 and never minus zero', () => {
  assert.deepEqual(parsed('9007199254740991'), { units: 9007199254740991, scale: 0 });
  assert.deepEqual(parsed('9007199254740992'), { units: 9007199254740992n, scale: 0 });
  assert.deepEqual(parsed('61837.63000000'), { units: 6183763, scale: 2 });
  assert.deepEqual(parsed('0.02000000'), { units: 2, scale: 2 });
  assert.deepEqual(parsed('100.00000000'), { units: 100, scale: 0 });
  assert.deepEqual(parsed('0.0000000000000001'), { units: 1, scale: 16 });
  assert.ok(Object.is(parsed('-0.0').units, 0));
});

test('what is formatted is read back as the same decimal, and has no zeros at its end', () => {
  fc.assert(
    fc.property(plainText, (text) => {
      const value = parsed(text);
      const written = formatDecimal(value);
      assert.deepEqual(parsed(written), value);
      assert.doesNotMatch(written, /\.\d*0$|\.$|e/i);
    }),
    { numRuns: 1000 },
  );
});

test('any other text is no decimal', () => {
  for (const text of [
    '',
    '-',
    '.',
    '1.',
    '.5',
    '+1',
    '1e3',
    ' 1',
    '1 ',
    '0x10',
    '1,5',
    '1.2.3',
    '--1',
    'NaN',
    '١',
  ]) {
    assert.equal(parseDecimal(text), undefined, JSON.stringify(text));
  }
  assert.equal(parseDecimal('1.00000000000000000'), undefined, 'seventeen digits after the point');
  assert.equal(parseDecimal('1'.repeat(31)), undefined, 'thirty-one digits');
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(parseDecimal(text) !== undefined, /^-?\d{1,30}(\.\d{1,16})?$/.test(text));
    }),
  );
});

test('decimals of different scales compare as the figures that they are', () => {
  fc.assert(
    fc.property(plainText, plainText, (left, right) => {
      const a = parsed(left);
      const b = parsed(right);
      const difference = unitsAt(a, 16) - unitsAt(b, 16);
      assert.equal(Math.sign(compareDecimal(a, b)), difference < 0n ? -1 : difference > 0n ? 1 : 0);
    }),
  );
});
