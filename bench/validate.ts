/**
 * How many raw trade frames a second validate turns into outgoing records, from the Lambda event object on,
 * on one thread and without the log; and the parts of it. Run: node bench/validate.ts
 */
import { cpus } from 'node:os';
import { rawTopicRecords } from '../functions/validate/raw-topic-records.ts';
import { validateRecords } from '../functions/validate/validate-records.ts';
import { readRawRecord } from '../shared/binance/read-raw-record.ts';
import { DEFAULT_VALIDATION_RULES } from '../shared/binance/validation-rules.ts';
import { encodeRawHeader, parseRawHeader } from '../shared/events/raw-header.ts';
import type { MSKEvent, MSKRecord } from '../shared/log/kafka-event.ts';
import { DEFAULT_TOPIC_NAMES } from '../shared/log/topics.ts';

const RECORDS = 10_000;
const RUNS = 31;
const START_MS = 1_723_161_255_342;

const frames = Array.from({ length: RECORDS }, (_, index) => {
  const ms = START_MS + index;
  const price = (61_837_63 + (index % 500)) / 100;
  const quantity = ((1 + index * 7919) % 99_991) / 100_000;
  return (
    `{"stream":"btcusdt@trade","data":{"e":"trade","E":${ms + 1},"s":"BTCUSDT","t":${3_735_683_259 + index},` +
    `"p":"${price.toFixed(8)}","q":"${(quantity || 1).toFixed(8)}","T":${ms},"m":${index % 2 === 0},"M":true}}`
  );
});
const headers = frames.map((_, index) =>
  encodeRawHeader({
    receivedUs: (START_MS + index) * 1000 + 897,
    connection: 't0-1',
    source: 'live',
    frame: index,
  }),
);
const records = frames.map(
  (frame, index): MSKRecord => ({
    topic: 'binance.raw.trades',
    partition: 0,
    offset: index,
    timestamp: START_MS + index,
    timestampType: 'CREATE_TIME',
    key: Buffer.from('BTCUSDT').toString('base64'),
    value: Buffer.from(frame).toString('base64'),
    headers: [{ m: [...Buffer.from(headers[index] ?? '')] }],
  }),
);
const event: MSKEvent = {
  eventSource: 'aws:kafka',
  eventSourceArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/market/1',
  bootstrapServers: 'b-1:9098',
  records: { 'binance.raw.trades-0': records },
};
const options = { rules: DEFAULT_VALIDATION_RULES, topics: DEFAULT_TOPIC_NAMES };

function medianRate(run: () => number): number {
  const rates = Array.from({ length: RUNS }, () => {
    const before = process.hrtime.bigint();
    const count = run();
    if (count !== RECORDS) throw new Error(`${count} of ${RECORDS} records came through`);
    return RECORDS / (Number(process.hrtime.bigint() - before) / 1e9);
  }).sort((a, b) => a - b);
  return Math.round((rates[RUNS >> 1] ?? 0) / 1000) * 1000;
}

const decoded = frames.map((frame, index) => ({
  value: Buffer.from(frame),
  key: 'BTCUSDT',
  header: parseRawHeader(headers[index] ?? ''),
  raw: { partition: 0, offset: index },
  timestampMs: START_MS,
}));
const figures = {
  what: 'validate, one thread, raw trade frames a second (median)',
  event_to_outgoing: medianRate(
    () => validateRecords(rawTopicRecords(event), options, START_MS).counts.events.trade,
  ),
  decode_event: medianRate(() => {
    let count = 0;
    for (const record of rawTopicRecords(event)) if (record.value !== null) count += 1;
    return count;
  }),
  read_frame: medianRate(() => {
    let count = 0;
    for (const record of decoded) {
      if (readRawRecord(record, DEFAULT_VALIDATION_RULES).kind === 'event') count += 1;
    }
    return count;
  }),
  cpu: cpus()[0]?.model,
  node: process.version,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
