import { after, before, describe } from 'node:test';
import { logContract } from '../infra/local/log/log-contract.ts';
import { skipWithoutBroker, startBroker } from './broker/find-broker.ts';
import type { TestBroker } from './broker/test-broker.ts';
import { closeTestLogs, openTestLog } from './open-test-log.ts';

describe('the log on a real Kafka', { skip: skipWithoutBroker }, () => {
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker();
  });
  after(async () => {
    await closeTestLogs();
    await broker.close();
  });

  logContract('Kafka', async () => {
    const log = await openTestLog(broker.plain);
    return { log, close: () => log.close() };
  });
});
