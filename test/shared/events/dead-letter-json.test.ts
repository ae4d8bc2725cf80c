import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attemptOf } from '../../../shared/events/attempts-header.ts';
import {
  CUT_PAYLOAD_BYTES,
  encodeDeadLetter,
  MAX_LETTER_BYTES,
  parseDeadLetter,
} from '../../../shared/events/dead-letter-json.ts';
import { anyDeadLetter } from './dead-letters.ts';

test('a dead letter is read back with its original bytes', () => {
  fc.assert(
    fc.property(anyDeadLetter, (letter) => {
      const back = parseDeadLetter(Buffer.from(encodeDeadLetter(letter)));
      assert.ok(back !== undefined);
      const { payload, ...rest } = back;
      const { payload: original, ...expected } = letter;
      assert.deepEqual(rest, expected);
      assert.equal(Buffer.compare(payload, original), 0);
    }),
    { numRuns: 1000 },
  );
});

test('text is kept readable, even with a byte order mark; other bytes become base64', () => {
  const [letter] = fc.sample(anyDeadLetter, 1);
  assert.ok(letter);
  const text = Buffer.from('\uFEFF{"p":"0"}');
  const readable = JSON.parse(encodeDeadLetter({ ...letter, payload: text }));
  assert.deepEqual([readable.raw_encoding, readable.raw_payload], ['utf8', '\uFEFF{"p":"0"}']);
  const bytes = JSON.parse(encodeDeadLetter({ ...letter, payload: Uint8Array.of(0xff, 0x00) }));
  assert.deepEqual([bytes.raw_encoding, bytes.raw_payload], ['base64', '/wA=']);
});

test('a letter always fits a record of the log: a payload that is too large is cut, and the letter says so', () => {
  const [letter] = fc.sample(anyDeadLetter, 1);
  assert.ok(letter);
  for (const byte of [0x01, 0x41, 0x22, 0xff]) {
    const whole = Buffer.alloc(1_000_000, byte);
    const text = encodeDeadLetter({ ...letter, payload: whole });
    assert.ok(Buffer.byteLength(text) <= MAX_LETTER_BYTES);
    const back = parseDeadLetter(Buffer.from(text));
    assert.equal(back?.payload.length, CUT_PAYLOAD_BYTES);
    assert.match(back?.error ?? '', /cut from 1000000 to 150000 bytes/);
  }
  const fits = Buffer.alloc(700_000, 0xff);
  assert.equal(
    parseDeadLetter(Buffer.from(encodeDeadLetter({ ...letter, payload: fits })))?.payload.length,
    700_000,
  );
});

test('whatever is no dead letter is told apart, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        assert.equal(parseDeadLetter(bytes), undefined);
      },
    ),
  );
});

test('a record without a readable count of attempts is on its first', () => {
  assert.deepEqual([undefined, '', 'x', '0', '3'].map(attemptOf), [1, 1, 1, 1, 4]);
});
