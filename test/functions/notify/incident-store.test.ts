import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { ensureStateTable } from '../../../functions/adapters/dynamodb/ensure-state-table.ts';
import { type Incident, NO_INCIDENT } from '../../../functions/notify/incident.ts';
import { IncidentTable } from '../../../functions/notify/incident-table.ts';
import type { IncidentStore } from '../../../functions/notify/ports.ts';
import { MemoryIncidents } from './memory-incidents.ts';

const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new DynamoDBClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await ensureStateTable(client, 'state');
});

after(() => {
  client.destroy();
  server.close();
});

const stores: readonly (readonly [string, () => IncidentStore])[] = [
  ['in memory', () => new MemoryIncidents()],
  ['in DynamoDB', () => new IncidentTable(client, 'state')],
];

for (const [name, create] of stores) {
  describe(`the incident store ${name}`, () => {
    it('starts empty and keeps what was saved over the version that was read', async () => {
      const store = create();
      const incident: Incident = { ...NO_INCIDENT, quietUntilMs: 5, alarmed: { 'market-whale-BTCUSDT': 7 } };
      const first = await store.read('default');
      const saved = await store.save('default', incident, first.version);
      const second = await store.read('default');

      assert.deepEqual(first, { incident: NO_INCIDENT, version: 0 });
      assert.equal(saved, true);
      assert.deepEqual(second, { incident, version: 1 });
    });

    it('refuses to save over a version that has passed', async () => {
      const store = create();
      await store.save('warning', NO_INCIDENT, 0);

      assert.equal(await store.save('warning', NO_INCIDENT, 0), false);
      assert.equal(await store.save('warning', NO_INCIDENT, 1), true);
      assert.equal(await store.save('warning', NO_INCIDENT, 1), false);
    });

    it('keeps the mutes', async () => {
      const store = create();
      assert.deepEqual(await store.readMutes(), []);
      const mutes = [{ symbol: 'BTCUSDT', fromMs: 1, untilMs: 2, note: 'listing' }];
      await store.saveMutes(mutes);

      assert.deepEqual(await store.readMutes(), mutes);
    });
  });
}
