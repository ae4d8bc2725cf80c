import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeRawHeader, parseRawHeader } from '../../../shared/events/raw-header.ts';
import { SOURCES } from '../../../shared/events/source.ts';

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const connection = fc.string().filter((text) => !text.includes('|'));

test('a header is read back as it was written', () => {
  fc.assert(
    fc.property(whole, connection, fc.constantFrom(...SOURCES), whole, (receivedUs, name, source, frame) => {
      const header = { receivedUs, connection: name, source, frame };
      assert.deepEqual(parseRawHeader(encodeRawHeader(header)), header);
    }),
  );
});

test('any other text is no header', () => {
  const good = 'v1|1723161254087897|t0-1|live|7';
  assert.ok(parseRawHeader(good));
  for (const text of [
    '',
    'v1',
    'v1|',
    'v1||||',
    good.replace('v1', 'v2'),
    good.replace('live', 'dead'),
    good.replace('live', 'lives'),
    good.replace('|7', '|'),
    good.replace('|7', '|7x'),
    good.replace('|7', '|-7'),
    good.replace('|7', '|9007199254740992'),
    good.replace('|7', ''),
    `${good}|more`,
    ` ${good}`,
  ]) {
    assert.equal(parseRawHeader(text), undefined, text);
  }
});
