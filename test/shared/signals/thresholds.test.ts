import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import file from '../../../shared/signals/thresholds.json' with { type: 'json' };
import { DEFAULTS, parseThresholds, thresholdsFor } from '../../../shared/signals/thresholds.ts';

describe('thresholds', () => {
  it('come from the symbol before the quote asset before the default', () => {
    const settings = parseThresholds({
      ...file,
      quoteAssets: { BTC: { whaleQuote: 2, spreadBps: 7 }, C: { whaleQuote: 9 } },
      symbols: { ETHBTC: { whaleQuote: 5 } },
    });

    assert.equal(thresholdsFor('ETHBTC', settings).whaleQuote, 5);
    assert.equal(thresholdsFor('ETHBTC', settings).spreadBps, 7);
    assert.equal(thresholdsFor('LTCBTC', settings).whaleQuote, 2, 'the longest quote asset that fits');
    assert.equal(thresholdsFor('BTCUSDT', settings).volatilityStddev, 2);
  });

  it('hold the defaults that the contract names', () => {
    const thresholds = thresholdsFor('SOLUSDT');

    assert.equal(thresholds.volatilityStddev, 2);
    assert.equal(thresholds.whaleQuote, 100_000);
    assert.equal(thresholds.spreadRatio, 3);
    assert.equal(thresholds, Object.freeze(thresholds));
    assert.equal(DEFAULTS.default.clearRatio, 0.8);
  });

  it('turn a rule off with null, and nothing else', () => {
    const settings = parseThresholds({ ...file, symbols: { BTCUSDT: { volatilityStddev: null } } });

    assert.equal(thresholdsFor('BTCUSDT', settings).volatilityStddev, Number.POSITIVE_INFINITY);
    assert.throws(() => parseThresholds({ ...file, symbols: { BTCUSDT: { clearRatio: null } } }), {
      code: 'THRESHOLDS_INVALID',
    });
  });

  it('name every fault with its place', () => {
    assert.throws(
      () =>
        parseThresholds({
          default: { ...file.default, clearRatio: 1.5, whaleQuote: '100000' },
          symbols: { btcusdt: { whale: 1 } },
          assets: {},
        }),
      {
        code: 'THRESHOLDS_INVALID',
        message:
          'The threshold settings are not usable: assets: unknown section; ' +
          'default.whaleQuote: must be a number above 0, or null for off; ' +
          'default.clearRatio: must not be above 1; ' +
          'symbols.btcusdt: names are in upper case, letters and digits; symbols.btcusdt.whale: unknown threshold; ' +
          'default.whaleQuote: missing; default.clearRatio: missing',
      },
    );
  });

  it('refuse what is not an object', () => {
    for (const value of [null, [], 'x', 3])
      assert.throws(() => parseThresholds(value), { code: 'THRESHOLDS_INVALID' });
  });
});
