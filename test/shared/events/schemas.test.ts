import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { encodeDeadLetter } from '../../../shared/events/dead-letter-json.ts';
import { encodeEvent } from '../../../shared/events/event-json.ts';
import { encodeRawTick } from '../../../shared/events/tick-json.ts';
import { anyDeadLetter } from './dead-letters.ts';
import { anyEvent, anyTick } from './market-events.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'events', 'schemas');

function schema(name: string) {
  const json = JSON.parse(readFileSync(join(FOLDER, `${name}.schema.json`), 'utf8'));
  const validate = ajv.compile(json);
  return {
    json,
    accepts: (text: string) => validate(JSON.parse(text)),
    hold: (text: string) =>
      assert.ok(validate(JSON.parse(text)), `${text} ${ajv.errorsText(validate.errors)}`),
  };
}

const schemas = {
  trade: schema('trade'),
  aggTrade: schema('agg-trade'),
  kline: schema('kline'),
  quote: schema('quote'),
  tick: schema('tick'),
};
const others = {
  signal: schema('signal'),
  deadLetter: schema('dead-letter'),
  ledger: schema('ledger-entry'),
};

test('every validated event that is written fits the schema of its kind, and of no other', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const text = encodeEvent(event);
      for (const kind of Object.keys(schemas) as (keyof typeof schemas)[]) {
        if (kind === event.kind) schemas[kind].hold(text);
        else assert.equal(schemas[kind].accepts(text), false);
      }
    }),
    { numRuns: 500 },
  );
});

test('a raw tick fits the schema without its receipt, and half a receipt does not', () => {
  fc.assert(
    fc.property(anyTick, (tick) => schemas.tick.hold(encodeRawTick(tick))),
    { numRuns: 200 },
  );
  const [tick] = fc.sample(anyTick, 1);
  assert.ok(tick);
  assert.equal(schemas.tick.accepts(encodeRawTick(tick).replace('}', ',"source":"live"}')), false);
});

test('every dead letter that is written fits its schema', () => {
  fc.assert(fc.property(anyDeadLetter, (letter) => others.deadLetter.hold(encodeDeadLetter(letter))));
});

test('a schema refuses what a field may not be', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const { accepts } = schemas[event.kind];
      const json = JSON.parse(encodeEvent(event));
      for (const name of Object.keys(json)) {
        const { [name]: _, ...without } = json;
        const isOptional = event.kind === 'tick' && Object.keys(without).length < 8;
        assert.ok(isOptional || !accepts(JSON.stringify(without)), `without ${name}`);
        assert.equal(accepts(JSON.stringify({ ...json, [name]: [] })), false, `${name} as a list`);
      }
      assert.equal(accepts(JSON.stringify({ ...json, more: 1 })), false);
    }),
    { numRuns: 50 },
  );
});

test('signals and ledger entries have the fields that the design names', () => {
  others.signal.hold(
    JSON.stringify({
      event_type: 'signal',
      id: '0123456789abcdef',
      symbol: 'BTCUSDT',
      kind: 'whale',
      severity: 'info',
      state: 'open',
      value: 123456.78,
      threshold: 100000,
      baseline: null,
      evidence: { ids: [1], prices: [61837.63], quantity: 2, window: null },
      opened_by: 1,
      time_ms: 1723161255342.5,
      version: 1,
    }),
  );
  const entry = {
    symbol: 'BTCUSDT',
    ranges: [
      [5, 9],
      [12, 12],
    ],
    gaps: [{ from: 10, to: 11, state: 'open', opened_ms: 1723161255342, cause: 'skipped', source: null }],
    raw_partition: 0,
    raw_offset: 15,
    updated_ms: 1723161255342.001,
  };
  others.ledger.hold(JSON.stringify(entry));
  assert.equal(others.ledger.accepts(JSON.stringify({ ...entry, ranges: [[5]] })), false);
  assert.equal(others.ledger.accepts(JSON.stringify({ ...entry, ranges: [[5, 9, 12]] })), false);
});

test('every field of every schema is described', () => {
  for (const { json } of [...Object.values(schemas), ...Object.values(others)]) {
    assert.equal(json.$schema, 'https://json-schema.org/draft/2020-12/schema');
    for (const [name, field] of Object.entries<{ const?: string; description?: string }>(json.properties)) {
      assert.ok(field.const !== undefined || field.description, `${json.title}.${name}`);
    }
  }
});
