import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappingFaults, withoutProvisioned } from '../../shared/mapping-settings.ts';
import { MAPPINGS, mappingGroupId } from '../../shared/mappings.ts';

test('every mapping of the pipeline is allowed, provisioned and on demand', () => {
  for (const mapping of MAPPINGS) {
    assert.deepEqual(mappingFaults(mapping.settings), [], mapping.name);
    assert.deepEqual(mappingFaults(withoutProvisioned(mapping.settings)), [], mapping.name);
  }
});

test('mappings differ in topic and group, and none sends its failures to its own topic', () => {
  assert.equal(new Set(MAPPINGS.map(({ topic }) => topic)).size, MAPPINGS.length);
  assert.equal(new Set(MAPPINGS.map((mapping) => mappingGroupId(mapping))).size, MAPPINGS.length);
  for (const { topic, onFailure } of MAPPINGS) assert.notEqual(topic, onFailure);
});

test('a group carries the name of a topic that is not the usual one, so that two monitors share none', () => {
  const mapping = { name: 'validate-trades', topic: 'rawTrades' } as const;
  assert.equal(mappingGroupId(mapping), 'market-monitor.validate-trades');
  assert.equal(mappingGroupId(mapping, 'binance.raw.trades'), 'market-monitor.validate-trades');
  assert.equal(mappingGroupId(mapping, 'mine.raw'), 'market-monitor.validate-trades.mine.raw');
});
