import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chosenSymbols } from '../../../../infra/grafana/sql/filters.ts';
import { interpolateVariables } from './interpolate-variables.ts';

describe('variables in a query', () => {
  const filter = chosenSymbols('symbol');
  const put = (symbol: Parameters<typeof interpolateVariables>[1][string]) =>
    interpolateVariables(filter, { symbol });

  it('are quoted each, whether one or many are chosen', () => {
    assert.equal(put(['A', 'B']), "('every symbol' IN ('A','B') OR symbol IN ('A','B'))");
    assert.equal(put(['A']), "('every symbol' IN ('A') OR symbol IN ('A'))");
    assert.equal(put('A'), put(['A']));
  });

  it('cannot end the text that they stand in', () => {
    assert.equal(
      put("A') OR ('1' IN ('1"),
      "('every symbol' IN ('A'') OR (''1'' IN (''1') OR symbol IN ('A'') OR (''1'' IN (''1'))",
    );
  });

  it('hold for everything where all are chosen, which is put in as it stands', () => {
    assert.equal(
      put({ raw: "'every symbol'" }),
      "('every symbol' IN ('every symbol') OR symbol IN ('every symbol'))",
    );
  });

  it('would stay bare without the format, as a repeated panel gives them', () => {
    assert.equal(interpolateVariables(`symbol IN (\${symbol})`, { symbol: 'A' }), 'symbol IN (A)');
    assert.equal(interpolateVariables('symbol IN ($symbol)', { symbol: ['A', 'B'] }), "symbol IN ('A','B')");
    assert.equal(interpolateVariables('$__timeFilter', {}), '$__timeFilter');
  });
});
