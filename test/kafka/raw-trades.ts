import assert from 'node:assert/strict';
import { parseRawHeader, RAW_HEADER } from '../../shared/events/raw-header.ts';
import type { LogReader } from '../../shared/log/log.ts';

/**
 * Holds that the raw topic has each frame of the recording once, and the trades of a symbol in one partition and
 * in the order of their ids.
 */
export async function assertRawTradesOnce(reader: LogReader, topic: string, trades: number): Promise<void> {
  const frames = new Set<number>();
  const lastId = new Map<string, number>();
  const partitionOf = new Map<string, number>();
  let distinct = 0;
  for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1) {
    const { first, next } = await reader.bounds(topic, partition);
    for (let offset = first; offset < next; ) {
      const records = await reader.read({ topic, partition, offset }, 5_000);
      for (const record of records) {
        const text = record.value?.toString('utf8') ?? '';
        const header = record.headers.find(({ key }) => key === RAW_HEADER);
        const known = header && parseRawHeader(header.value.toString('latin1'));
        if (known === undefined || !known.connection.endsWith('-1')) continue;
        assert.ok(!frames.has(known.frame), `frame ${known.frame} is there twice`);
        frames.add(known.frame);
        const id = Number(/"t":(\d+)/.exec(text)?.[1]);
        if (!text.includes('@trade"') || !/"p":"[\d.]+"/.test(text)) continue;
        const symbol = String(record.key);
        assert.equal(partitionOf.get(symbol) ?? partition, partition);
        partitionOf.set(symbol, partition);
        const last = lastId.get(symbol) ?? 0;
        assert.ok(id >= last, `${symbol}: ${id} came after ${last}`);
        if (id > last) distinct += 1;
        lastId.set(symbol, id);
      }
      offset = (records.at(-1)?.offset ?? next) + 1;
    }
  }
  assert.equal(distinct, trades);
}
