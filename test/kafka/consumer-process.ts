import { openTestLog } from './open-test-log.ts';

/** A process that reads a batch, tells its parent what it has processed, and then waits to be killed. */
const [, , server, topic] = process.argv;
if (server === undefined || topic === undefined) throw new Error('name the server and the topic');
const log = await openTestLog(server);
const consumer = await log.consumer({ groupId: `${topic}-group`, topic });
const records = await consumer.fetch({ maxRecords: 100, maxBytes: 1_000_000, waitMs: 30_000 });
process.send?.(records.map(({ key, value }) => [String(key), Number(value)]));
