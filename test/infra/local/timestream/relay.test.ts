import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { QueryCommand, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { type Relay, startRelay } from '../../../../infra/local/timestream/relay.ts';
import { startStore, type TestStore } from './clients.ts';

describe('a relay', () => {
  let stores: TestStore[] = [];
  let relay: Relay;
  let running: TestStore | undefined;
  const clients: { destroy(): void }[] = [];
  const config = () => ({
    endpoint: relay.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });

  before(async () => {
    stores = [await startStore(), await startStore()];
    relay = await startRelay({ endpointOf: async () => running?.timestream.endpoint });
  });
  after(async () => {
    for (const client of clients) client.destroy();
    await relay.close();
    for (const store of stores) await store.close();
  });

  async function ask(): Promise<string | undefined> {
    const client = new TimestreamQueryClient(config());
    clients.push(client);
    const { Rows } = await client.send(new QueryCommand({ QueryString: 'SELECT 1' }));
    return Rows?.[0]?.Data?.[0]?.ScalarValue;
  }

  it('passes queries to the monitor that runs, also after it was started anew', async () => {
    [running] = stores;
    assert.equal(await ask(), '1');
    running = stores[1];
    assert.equal(await ask(), '1');
  });

  it('says that no monitor runs, in the words of the API', async () => {
    running = undefined;
    await assert.rejects(ask(), { name: 'InternalServerException', message: /does not run/ });
  });

  it('passes on what the store refuses, and lets nobody write', async () => {
    [running] = stores;
    const query = new TimestreamQueryClient(config());
    const write = new TimestreamWriteClient(config());
    clients.push(query, write);
    await assert.rejects(query.send(new QueryCommand({ QueryString: 'SELECT nothing' })), {
      name: 'ValidationException',
    });
    await assert.rejects(
      write.send(new WriteRecordsCommand({ DatabaseName: 'market', TableName: 'candles', Records: [] })),
      { name: 'ValidationException', message: /queries only/ },
    );
  });
});
