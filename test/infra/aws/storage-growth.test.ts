import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storageWanted } from '../../../infra/aws/storage-growth.ts';
import { deploymentOf } from './synthesise.ts';

const thousand = Array.from({ length: 1_000 }, (_, index) => `COIN${index}USDT`).join(',');

describe('the storage that a broker begins with', () => {
  test('is enough in every size for the default symbols', () => {
    for (const size of ['dev', 'standard', 'express'])
      assert.equal(storageWanted(deploymentOf({ size })), null);
  });

  test('is too little for 1,000 symbols, and what it asks for instead is enough', () => {
    const given = { size: 'standard', symbols: thousand };
    const wanted = storageWanted(deploymentOf(given));
    assert.ok(wanted !== null && wanted > 1_000);
    assert.equal(storageWanted(deploymentOf({ ...given, storageGib: String(wanted) })), null);
    assert.equal(storageWanted(deploymentOf({ ...given, size: 'express' })), null);
  });
});
