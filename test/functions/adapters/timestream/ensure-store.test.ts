import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeTableCommand, ListTablesCommand } from '@aws-sdk/client-timestream-write';
import { ensureStore } from '../../../../functions/adapters/timestream/ensure-store.ts';
import { TABLE_SPECS } from '../../../../shared/tables.ts';
import { startStore } from '../../../infra/local/timestream/clients.ts';

test('the tables get their retention and magnetic writes, and twice or at once does no harm', async () => {
  const store = await startStore();
  try {
    await Promise.all([ensureStore(store.write, 'other'), ensureStore(store.write, 'other')]);
    await ensureStore(store.write, 'other');
    const { Tables } = await store.write.send(new ListTablesCommand({ DatabaseName: 'other' }));
    assert.equal(Tables?.length, TABLE_SPECS.length);
    for (const spec of TABLE_SPECS) {
      const { Table } = await store.write.send(
        new DescribeTableCommand({ DatabaseName: 'other', TableName: spec.name }),
      );
      assert.deepEqual(Table?.RetentionProperties, {
        MemoryStoreRetentionPeriodInHours: spec.memoryHours,
        MagneticStoreRetentionPeriodInDays: spec.magneticDays,
      });
      assert.equal(Table?.MagneticStoreWriteProperties?.EnableMagneticStoreWrites, true);
    }
  } finally {
    await store.close();
  }
});
