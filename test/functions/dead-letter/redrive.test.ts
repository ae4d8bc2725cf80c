import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KeptLetter, readLetters } from '../../../functions/dead-letter/letter-book.ts';
import { type RedriveDeps, redrive } from '../../../functions/dead-letter/redrive.ts';
import { MAX_ATTEMPTS } from '../../../functions/dead-letter/repair.ts';
import { validateRecords } from '../../../functions/validate/validate-records.ts';
import { openMemoryLog } from '../../../infra/local/log/memory-log.ts';
import { DEFAULT_VALIDATION_RULES } from '../../../shared/binance/validation-rules.ts';
import { ATTEMPTS_HEADER } from '../../../shared/events/attempts-header.ts';
import { encodeDeadLetter } from '../../../shared/events/dead-letter-json.ts';
import { encodeRawHeader, RAW_HEADER } from '../../../shared/events/raw-header.ts';
import type { Log, LogRecord } from '../../../shared/log/log.ts';
import { DEFAULT_TOPIC_NAMES, topicSpecs } from '../../../shared/log/topics.ts';
import { MemoryRowStore } from '../../../shared/memory-row-store.ts';
import type { Row } from '../../../shared/row.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';
import { combined, RECEIVED_US, tradeData } from '../../shared/binance/frames.ts';

const TOPICS = DEFAULT_TOPIC_NAMES;
const HEADER = encodeRawHeader({ receivedUs: RECEIVED_US, connection: 't0-1', source: 'live', frame: 7 });
const EVERYTHING = { reason: null, sinceMs: null };

/** The rules of the day of the refusal, and today's. */
const NARROW = { ...DEFAULT_VALIDATION_RULES, symbols: new Set(['ETHUSDT']) };
const TODAY = DEFAULT_VALIDATION_RULES;

async function surroundings(rules = TODAY) {
  const clock = new VirtualClock(1_723_161_300_000_000);
  const log = openMemoryLog({ clock });
  await log.ensureTopics(topicSpecs(TOPICS));
  const store = new MemoryRowStore();
  const deps: RedriveDeps = {
    reader: await log.reader(),
    producer: await log.producer(),
    rows: async () => store,
    rules,
    deadLetterTopic: TOPICS.deadLetters,
    rawTopics: { [TOPICS.trades]: TOPICS.rawTrades, [TOPICS.quotes]: TOPICS.rawQuotes },
  };
  return { clock, log, deps, store };
}

async function recordsOf(log: Log, topic: string): Promise<readonly LogRecord[]> {
  const reader = await log.reader();
  const all: LogRecord[] = [];
  for (let partition = 0; partition < (await reader.partitions(topic)); partition += 1) {
    all.push(...(await reader.read({ topic, partition, offset: 0 }, 10_000)));
  }
  return all;
}

const header = (record: LogRecord, name: string): string | undefined =>
  record.headers.find(({ key }) => key === name)?.value.toString();

/** Validates what stands in the raw trades topic beyond `from` records, by these rules, as the function would. */
async function validate(log: Log, rules: typeof TODAY, from = 0): Promise<void> {
  const records = (await recordsOf(log, TOPICS.rawTrades)).slice(from);
  const batch = validateRecords(
    records.map((record) => ({
      ...record,
      key: record.key?.toString() ?? null,
      header: header(record, RAW_HEADER),
      attempts: header(record, ATTEMPTS_HEADER),
    })),
    { rules, topics: TOPICS },
    1,
  );
  await (await log.producer()).send(batch.records);
}

const raw = (value: string | Buffer) => ({
  topic: TOPICS.rawTrades,
  key: 'BTCUSDT',
  value,
  headers: [[RAW_HEADER, HEADER]] as const,
});

async function letters(deps: RedriveDeps, filter: object = {}): Promise<readonly KeptLetter[]> {
  const all: KeptLetter[] = [];
  for await (const kept of readLetters(deps, { ...EVERYTHING, ...filter })) all.push(kept);
  return all;
}

test('what today’s rules take goes back once, with its own bytes and header and its attempts counted', async () => {
  const { log, deps } = await surroundings();
  const frame = combined('trade', tradeData);
  await deps.producer.send([raw(frame), raw('no JSON')]);
  await validate(log, NARROW);
  assert.deepEqual(
    (await letters(deps)).map(({ letter, redrivenMs }) => [letter.reason, redrivenMs]),
    [
      ['SYMBOL_NOT_ALLOWED', null],
      ['NOT_JSON', null],
    ],
  );

  assert.deepEqual(await redrive(deps, EVERYTHING), {
    letters: 2,
    records: 1,
    rows: 0,
    left: { STILL_REFUSED: 1 },
  });
  const back = (await recordsOf(log, TOPICS.rawTrades)).at(-1);
  assert.ok(back);
  assert.equal(back.value?.toString(), frame);
  assert.equal(back.key?.toString(), 'BTCUSDT');
  assert.deepEqual([header(back, RAW_HEADER), header(back, ATTEMPTS_HEADER)], [HEADER, '1']);
  assert.deepEqual(
    (await letters(deps)).map(({ redrivenMs }) => redrivenMs !== null),
    [true, false],
  );

  assert.deepEqual((await redrive(deps, EVERYTHING)).left, { ALREADY_REDRIVEN: 1, STILL_REFUSED: 1 });
  assert.equal((await recordsOf(log, TOPICS.rawTrades)).length, 3);
});

test('a record that keeps being refused is left after five attempts', async () => {
  const { log, deps } = await surroundings();
  await deps.producer.send([raw(combined('trade', tradeData))]);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS + 2; attempt += 1) {
    const before = (await recordsOf(log, TOPICS.rawTrades)).length;
    // The rules of the function stay wrong, whatever the operator believes.
    await validate(log, NARROW, before - 1);
    const report = await redrive(deps, EVERYTHING);
    const after = (await recordsOf(log, TOPICS.rawTrades)).length;
    assert.equal(after - before, attempt < MAX_ATTEMPTS ? 1 : 0, `attempt ${attempt}`);
    if (attempt >= MAX_ATTEMPTS) {
      assert.ok((report.left.TOO_MANY_ATTEMPTS ?? 0) > 0);
      break;
    }
  }
  const attempts = (await letters(deps)).map(({ letter }) => letter.attempts);
  assert.deepEqual(attempts, [1, 2, 3, 4, 5]);
});

test('a letter of the aggregate goes back as its raw record, and its attempts are those of that record', async () => {
  const { deps, log } = await surroundings();
  const [range] = await deps.producer.send([
    {
      ...raw(combined('trade', tradeData)),
      headers: [
        [RAW_HEADER, HEADER],
        [ATTEMPTS_HEADER, '3'],
      ],
    },
  ]);
  assert.ok(range);
  const letter = {
    reason: 'DELIVERY_FAILED',
    error: 'e',
    topic: TOPICS.rawTrades,
    partition: range.partition,
    offset: range.baseOffset,
    key: 'BTCUSDT',
    receivedMs: RECEIVED_US / 1000,
    refusedMs: 1,
    attempts: 1,
    payload: Buffer.from('{"event_type":"trade"}'),
  };
  const send = (changed: object) =>
    deps.producer.send([
      { topic: TOPICS.deadLetters, key: null, value: encodeDeadLetter({ ...letter, ...changed }) },
    ]);
  await send({});
  await send({ reason: 'LATE', offset: 98 });
  await send({ offset: 99 });
  await send({ topic: TOPICS.trades });

  const report = await redrive(deps, EVERYTHING);
  assert.deepEqual([report.records, report.left], [1, { WINDOW_CLOSED: 1, SOURCE_GONE: 2 }]);
  const back = (await recordsOf(log, TOPICS.rawTrades)).at(-1);
  assert.equal(back && header(back, ATTEMPTS_HEADER), '4');
});

test('a frame whose record is gone goes back from its letter', async () => {
  const { deps, log } = await surroundings();
  const letter = {
    reason: 'SYMBOL_NOT_ALLOWED',
    error: 'e',
    topic: TOPICS.rawTrades,
    partition: 0,
    offset: 40,
    key: 'BTCUSDT',
    receivedMs: RECEIVED_US / 1000,
    refusedMs: 1,
    attempts: 2,
    payload: Buffer.from(combined('trade', tradeData)),
  };
  await deps.producer.send([{ topic: TOPICS.deadLetters, key: null, value: encodeDeadLetter(letter) }]);
  assert.equal((await redrive(deps, EVERYTHING)).records, 1);
  const [back] = await recordsOf(log, TOPICS.rawTrades);
  assert.ok(back);
  assert.deepEqual(
    [header(back, RAW_HEADER), header(back, ATTEMPTS_HEADER)],
    [`v1|${RECEIVED_US}|redrive|live|0`, '2'],
  );
});

test('a refused row is written again under its own version, and left where the store refuses it still', async () => {
  const { deps, store } = await surroundings();
  const row = (version: string): Row => ({
    table: 'candles',
    dimensions: [['symbol', 'BTCUSDT']],
    timeNs: '1723161300000000000',
    version,
    columns: [{ name: 'close', type: 'DOUBLE', value: '1' }],
  });
  const letter = (offset: number, payload: unknown) => ({
    topic: TOPICS.deadLetters,
    key: 'BTCUSDT',
    value: encodeDeadLetter({
      reason: 'ROW_REFUSED',
      error: 'e',
      topic: 'candles',
      partition: 5,
      offset,
      key: 'BTCUSDT',
      receivedMs: 1,
      refusedMs: 1,
      attempts: 1,
      payload: Buffer.from(JSON.stringify(payload)),
    }),
  });
  await deps.producer.send([letter(1, row('7')), letter(2, { table: 'candles' }), letter(3, row('8'))]);
  const refusing: RedriveDeps = {
    ...deps,
    rows: async () => ({
      write: async (rows) => ({
        written: 1,
        superseded: 0,
        refused: rows.filter(({ version }) => version === '8').map((each) => ({ row: each, reason: 'r' })),
      }),
    }),
  };
  assert.deepEqual(await redrive(refusing, { ...EVERYTHING, reason: 'ROW_REFUSED' }), {
    letters: 3,
    records: 0,
    rows: 1,
    left: { SOURCE_GONE: 1, STILL_REFUSED: 1 },
  });
  assert.equal((await redrive(deps, EVERYTHING)).rows, 1);
  assert.deepEqual(store.table('candles'), [row('8')]);
});

test('reason and time choose the letters', async () => {
  const { deps, log, clock } = await surroundings();
  await deps.producer.send([raw('no JSON'), raw(combined('trade', tradeData))]);
  await validate(log, NARROW);
  clock.advance(60_000);
  const later = clock.nowUs() / 1000;
  await validate(log, NARROW, 1);
  const count = async (filter: object): Promise<number> => (await letters(deps, filter)).length;
  assert.deepEqual(
    [await count({}), await count({ reason: 'NOT_JSON' }), await count({ sinceMs: later })],
    [3, 1, 1],
  );
});

test('whatever stands in the dead letter topic, a redrive neither throws nor puts anything back twice', async () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from(combined('trade', tradeData))),
    fc.constant(null),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 12 }), async (values) => {
      const { log, deps } = await surroundings();
      await deps.producer.send(
        values.flatMap((each) => [
          { topic: TOPICS.deadLetters, key: null, value: each },
          ...(each === null ? [] : [raw(each)]),
        ]),
      );
      await validate(log, NARROW);
      await redrive(deps, EVERYTHING);
      const after = (await recordsOf(log, TOPICS.rawTrades)).length;
      await redrive(deps, EVERYTHING);
      assert.equal((await recordsOf(log, TOPICS.rawTrades)).length, after);
    }),
    { numRuns: 30 },
  );
});
