import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import schema from '../../../shared/events/schemas/signal.schema.json' with { type: 'json' };
import type { Signal } from '../../../shared/events/signal.ts';
import { encodeSignal, parseSignal } from '../../../shared/events/signal-json.ts';
import { signalId } from '../../../shared/signals/signal-id.ts';
import { signalRow } from '../../../shared/signals/signal-row.ts';

const SIGNAL: Signal = {
  id: signalId('volatility', 'BTCUSDT', 3_735_683_259),
  symbol: 'BTCUSDT',
  kind: 'volatility',
  severity: 'warning',
  state: 'open',
  value: 2.5,
  threshold: 2,
  baseline: null,
  evidence: {
    ids: [3_735_683_259],
    prices: [61837.63],
    quantity: null,
    window: { startUs: 1_723_161_240_000_000, endUs: 1_723_161_300_000_000 },
  },
  openedBy: 3_735_683_259,
  timeUs: 1_723_161_255_342_123,
  version: 1,
};

describe('a signal', () => {
  it('has an id that depends on kind, symbol and the opening event alone', () => {
    assert.equal(signalId('whale', 'BTCUSDT', 1), signalId('whale', 'BTCUSDT', 1));
    assert.match(SIGNAL.id, /^[0-9a-f]{16}$/);
    const others = [
      signalId('volatility-bps', 'BTCUSDT', 3_735_683_259),
      signalId('volatility', 'BTCUSDC', 3_735_683_259),
      signalId('volatility', 'BTCUSDT', 3_735_683_258),
    ];
    assert.equal(new Set([SIGNAL.id, ...others]).size, 4);
  });

  it('becomes one row whose clearing replaces its opening', () => {
    const opened = signalRow(SIGNAL, 3);
    const cleared = signalRow({ ...SIGNAL, state: 'cleared', version: 2 }, 3);

    assert.equal(opened.timeNs, '1723161255342683259', 'the millisecond and the id modulo a million');
    assert.equal(opened.version, String(3n * 2n ** 40n + 1n));
    assert.equal(cleared.version, String(3n * 2n ** 40n + 2n));
    assert.deepEqual([opened.timeNs, opened.dimensions], [cleared.timeNs, cleared.dimensions]);
    assert.deepEqual(
      opened.columns.map(({ name }) => name),
      ['id', 'severity', 'state', 'value', 'threshold', 'evidence', 'opened_by'],
    );
    assert.equal(signalRow({ ...SIGNAL, baseline: 1.5 }, 3).columns[5]?.value, '1.5');
  });

  it('goes through its JSON unchanged, which fits the schema', () => {
    const text = encodeSignal(SIGNAL);
    const validate = new Ajv2020({ strict: false }).compile(schema);

    assert.deepEqual(parseSignal(text), SIGNAL);
    assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...JSON.parse(text), state: 'ajar' }));
  });

  it('is not read from anything else', () => {
    const fields = JSON.parse(encodeSignal(SIGNAL));
    const bad = [
      '',
      '{}',
      'null',
      '[]',
      ...['id', 'kind', 'severity', 'state', 'evidence', 'time_ms'].map((name) =>
        JSON.stringify({ ...fields, [name]: {} }),
      ),
    ];
    for (const text of bad) assert.equal(parseSignal(text), undefined, text);
  });
});
