import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonElements, splitJsonArray } from '../../shared/json-elements.ts';

test('an array is cut into the bytes of its elements, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (values, indent) => {
      const text = JSON.stringify(values, undefined, indent);
      const elements = splitJsonArray(Buffer.from(text));
      assert.deepEqual(
        elements?.map((bytes) => JSON.parse(bytes.toString())),
        JSON.parse(text),
      );
    }),
  );
});

test('it does not matter where the chunks of a file are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), (values, size) => {
      const bytes = Buffer.from(JSON.stringify(values));
      const array = new JsonElements();
      const found = [];
      for (let at = 0; at < bytes.length; at += size)
        found.push(...array.push(bytes.subarray(at, at + size)));
      assert.deepEqual(
        found.map((element) => element.bytes.toString()),
        splitJsonArray(bytes)?.map(String),
      );
    }),
  );
});

test('what is no array, or is cut off, is not cut into elements', () => {
  for (const text of ['{"a":[1]}', '', '"[1]"', '[1,2', '12']) {
    assert.equal(splitJsonArray(Buffer.from(text)), undefined, text);
  }
});
