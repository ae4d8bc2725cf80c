import { openEmbeddedLog } from '../../../../infra/local/log/embedded-log.ts';
import { wallClock } from './wall-clock.ts';

/** A process that appends 0, 1, 2, … to topic `t` until it is killed, and tells how many were acknowledged. */
const dir = process.argv[2];
if (dir === undefined) throw new Error('name the folder');
const log = openEmbeddedLog({ dir, clock: wallClock });
await log.ensureTopics([{ name: 't', partitions: 1, retentionMs: -1, compacted: false }]);
const producer = await log.producer();
for (let count = 0; ; count++) {
  await producer.send([{ topic: 't', key: null, value: String(count) }]);
  if (count % 50 === 49) process.send?.(count + 1);
}
